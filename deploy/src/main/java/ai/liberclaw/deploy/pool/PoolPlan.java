package ai.liberclaw.deploy.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * What a look at the pool leads to.
 *
 * @param create how many machines to make
 * @param giveBack waiting machines to destroy
 */
record PoolPlan(int create, List<UUID> giveBack) {
  /** One that is only too many is kept so long: it may be wanted again. */
  static final Duration SURPLUS_KEPT = Duration.ofHours(1);

  PoolPlan {
    giveBack = List.copyOf(giveBack);
  }

  /**
   * @param machines of one provider, oldest first
   * @param target how many should wait
   */
  static PoolPlan of(
      List<PoolMachine> machines, int target, Instant now, PoolSettings settings) {
    List<PoolMachine> fresh = new ArrayList<>();
    List<PoolMachine> old = new ArrayList<>();
    for (PoolMachine machine : machines) {
      if (machine.warm()) {
        (waited(machine, now).compareTo(settings.ageMax()) < 0 ? fresh : old).add(machine);
      }
    }
    int preparing = (int) machines.stream().filter(PoolMachine::preparing).count();
    int all = fresh.size() + old.size() + preparing;
    List<UUID> giveBack = new ArrayList<>();
    for (PoolMachine machine : old) {
      boolean replaced = fresh.size() >= target;
      boolean noRoom = all - giveBack.size() >= settings.max();
      if (replaced || noRoom) {
        giveBack.add(machine.id());
      }
    }
    int surplus = fresh.size() - target;
    for (PoolMachine machine : fresh) {
      if (surplus > 0 && waited(machine, now).compareTo(SURPLUS_KEPT) >= 0) {
        giveBack.add(machine.id());
        surplus--;
      }
    }
    int room = settings.max() - (all - giveBack.size());
    int wanted = target - fresh.size() - preparing;
    return new PoolPlan(Math.clamp(wanted, 0, Math.max(0, room)), giveBack);
  }

  /** Nothing is to wait here any more. */
  static PoolPlan drain(List<PoolMachine> machines) {
    return new PoolPlan(
        0,
        machines.stream().filter(m -> m.warm() || m.preparing()).map(PoolMachine::id).toList());
  }

  private static Duration waited(PoolMachine machine, Instant now) {
    return Duration.between(machine.warmAt().orElse(now), now);
  }
}
