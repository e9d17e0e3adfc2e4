package ai.liberclaw.deploy.budget;

/** What came of asking for a call: a {@link Reservation} or a {@link Denied}. */
public sealed interface Grant permits Reservation, Denied {}
