package ai.liberclaw.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Measured times or sizes; safe for several threads. */
final class Samples {
  private final List<Double> values = Collections.synchronizedList(new ArrayList<>());

  void add(double value) {
    values.add(value);
  }

  /** From 0 to 1, such as 0.95. */
  double quantile(double share) {
    List<Double> sorted = new ArrayList<>(values);
    if (sorted.isEmpty()) {
      throw new IllegalStateException("nothing was measured");
    }
    Collections.sort(sorted);
    return sorted.get((int) Math.min(sorted.size() - 1, Math.round(share * (sorted.size() - 1))));
  }

  double median() {
    return quantile(0.5);
  }

  int count() {
    return values.size();
  }

  /** One line: ours, the reference of the same run, and the ratio of both. */
  static void print(String what, double ours, double reference, String unit) {
    System.out.println(
        String.format(
            Locale.ROOT,
            "%-52s %10.2f %-3s reference %10.2f %-3s ratio %6.2f",
            what,
            ours,
            unit,
            reference,
            unit,
            ours / reference));
  }
}
