package ai.liberclaw.testkit.oauth;

import java.util.List;

/**
 * Who sits before the browser.
 *
 * @param id what the provider calls the person; digits alone for GitHub
 */
public record Person(String id, String name, String picture, List<Address> addresses) {
  public Person {
    addresses = List.copyOf(addresses);
  }

  /** Somebody with one address. */
  public static Person of(String id, String name, String email, boolean verified) {
    return new Person(
        id, name, "https://images.example/" + id, List.of(new Address(email, verified, true)));
  }

  /** An address of theirs. */
  public record Address(String email, boolean verified, boolean primary) {}
}
