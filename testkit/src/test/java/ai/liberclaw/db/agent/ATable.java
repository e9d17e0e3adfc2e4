package ai.liberclaw.db.agent;

/** Stands for a generated table. */
public final class ATable {}
