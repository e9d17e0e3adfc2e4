package ai.liberclaw.deploy.agent;

import static ai.liberclaw.db.platform.Tables.AGENTS;
import static ai.liberclaw.db.platform.Tables.BUDGETS;
import static ai.liberclaw.db.platform.Tables.INSTANCES;
import static ai.liberclaw.db.platform.Tables.PENDING_OUTBOX;
import static ai.liberclaw.db.platform.Tables.USERS;
import static org.jooq.impl.DSL.currentInstant;
import static org.jooq.impl.DSL.exists;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.param;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectOne;
import static org.jooq.impl.SQLDataType.VARCHAR;

import ai.liberclaw.core.json.Json;
import ai.liberclaw.core.json.JsonException;
import ai.liberclaw.db.RenderedQuery;
import ai.liberclaw.db.platform.tables.records.AgentsRecord;
import ai.liberclaw.deploy.budget.Period;
import ai.liberclaw.deploy.budget.Scope;
import ai.liberclaw.deploy.budget.Spending;
import ai.liberclaw.deploy.provider.Endpoint;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jspecify.annotations.Nullable;

/** Rows of agents. Ownership is part of every query. Works in the context it is given. */
final class AgentStore {
  private static final Param<UUID> OWNER = param("owner", UUID.class);
  private static final Param<UUID> ID = param("id", UUID.class);
  private static final Param<LocalDate> TODAY = param("today", LocalDate.class);
  private static final Param<LocalDate> THIS_MONTH = param("this_month", LocalDate.class);

  private static final RenderedQuery LIST =
      RenderedQuery.of(
          SQLDialect.POSTGRES,
          select(AGENTS.fields())
              .select(
                  BUDGETS.PERIOD,
                  BUDGETS.SPENT_NANODOLLARS,
                  BUDGETS.SPENT_TOKENS,
                  BUDGETS.SPENT_REQUESTS)
              .from(AGENTS)
              .leftJoin(BUDGETS)
              .on(BUDGETS.SCOPE.eq(inline(Scope.AGENT.key())))
              .and(BUDGETS.SUBJECT.eq(AGENTS.ID.cast(VARCHAR)))
              .and(
                  BUDGETS
                      .PERIOD
                      .eq(inline(Period.DAY.key()))
                      .and(BUDGETS.STARTS_ON.eq(TODAY))
                      .or(
                          BUDGETS
                              .PERIOD
                              .eq(inline(Period.MONTH.key()))
                              .and(BUDGETS.STARTS_ON.eq(THIS_MONTH))))
              .where(AGENTS.OWNER_ID.eq(OWNER))
              .orderBy(AGENTS.CREATED_AT.desc(), AGENTS.ID),
          OWNER,
          TODAY,
          THIS_MONTH);

  private static final Field<Boolean> MESSAGES_WAIT =
      field(
              exists(
                  selectOne()
                      .from(PENDING_OUTBOX)
                      .where(PENDING_OUTBOX.CHANNEL.eq(inline("web")))
                      .and(PENDING_OUTBOX.AGENT_ID.eq(AGENTS.ID))
                      .and(PENDING_OUTBOX.DELIVERED_AT.isNull())))
          .as("messages_wait");

  private static final RenderedQuery CONTACT =
      RenderedQuery.of(
          SQLDialect.POSTGRES,
          select(
                  AGENTS.NAME,
                  AGENTS.DEPLOYMENT_STATUS,
                  AGENTS.INSTANCE_ID,
                  AGENTS.VM_URL,
                  INSTANCES.ENDPOINT,
                  AGENTS.AUTH_TOKEN,
                  MESSAGES_WAIT)
              .from(AGENTS)
              .leftJoin(INSTANCES)
              .on(INSTANCES.ID.eq(AGENTS.INSTANCE_ID))
              .where(AGENTS.ID.eq(ID))
              .and(AGENTS.OWNER_ID.eq(OWNER)),
          ID,
          OWNER);

  private AgentStore() {}

  /** Locks the user, so that only one of their agents is made at a time; gives their tier. */
  static Optional<String> lockOwner(DSLContext sql, UUID ownerId) {
    return sql.select(USERS.TIER)
        .from(USERS)
        .where(USERS.ID.eq(ownerId))
        // Not for update: two transactions that wrote rows of this user would wait for each other.
        .forNoKeyUpdate()
        .fetchOptional(USERS.TIER);
  }

  static int count(DSLContext sql, UUID ownerId) {
    return sql.fetchCount(AGENTS, AGENTS.OWNER_ID.eq(ownerId));
  }

  static List<ListedAgent> list(DSLContext sql, UUID ownerId, Instant now) {
    Map<UUID, ListedAgent> agents = new LinkedHashMap<>();
    for (Record row : LIST.fetch(sql, ownerId, Period.DAY.start(now), Period.MONTH.start(now))) {
      ListedAgent agent =
          agents.computeIfAbsent(
              row.get(AGENTS.ID),
              _ -> new ListedAgent(agent(row.into(AGENTS)), new EnumMap<>(Period.class)));
      String period = row.get(BUDGETS.PERIOD);
      if (period != null) {
        agent
            .spent()
            .put(
                Period.of(period),
                new Spending(
                    row.get(BUDGETS.SPENT_NANODOLLARS),
                    row.get(BUDGETS.SPENT_TOKENS),
                    row.get(BUDGETS.SPENT_REQUESTS)));
      }
    }
    return List.copyOf(agents.values());
  }

  static Optional<Agent> find(DSLContext sql, UUID ownerId, UUID id) {
    return sql.selectFrom(AGENTS)
        .where(AGENTS.ID.eq(id))
        .and(AGENTS.OWNER_ID.eq(ownerId))
        .fetchOptional(AgentStore::agent);
  }

  /** As {@link #find}, and nobody else changes it before the commit. */
  static Optional<Agent> lock(DSLContext sql, UUID ownerId, UUID id) {
    return sql.selectFrom(AGENTS)
        .where(AGENTS.ID.eq(id))
        .and(AGENTS.OWNER_ID.eq(ownerId))
        .forUpdate()
        .fetchOptional(AgentStore::agent);
  }

  /** As the other, whoever owns it. */
  static Optional<Agent> lock(DSLContext sql, UUID id) {
    return sql.selectFrom(AGENTS)
        .where(AGENTS.ID.eq(id))
        .forUpdate()
        .fetchOptional(AgentStore::agent);
  }

  /** Locks all of an owner's agents, always in the same order. */
  static List<Agent> lockAll(DSLContext sql, UUID ownerId) {
    return sql.selectFrom(AGENTS)
        .where(AGENTS.OWNER_ID.eq(ownerId))
        .orderBy(AGENTS.ID)
        .forUpdate()
        .fetch(AgentStore::agent);
  }

  /** The agent of a deployment, while it is the newest one. */
  static Optional<Agent> ofGeneration(DSLContext sql, UUID id, long generation) {
    return sql.selectFrom(AGENTS)
        .where(AGENTS.ID.eq(id))
        .and(AGENTS.GENERATION.eq(generation))
        .fetchOptional(AgentStore::agent);
  }

  /** The agent's secret as it is stored. */
  static Optional<String> encryptedSecret(DSLContext sql, UUID ownerId, UUID id) {
    return sql.select(AGENTS.AUTH_TOKEN)
        .from(AGENTS)
        .where(AGENTS.ID.eq(id))
        .and(AGENTS.OWNER_ID.eq(ownerId))
        .fetchOptional(AGENTS.AUTH_TOKEN);
  }

  /**
   * What a call to an agent needs, found in one query: every request about a chat or a file begins
   * with it.
   *
   * @param instanceId what it lives in; empty for an agent of the original
   * @param vmUrl its address as clients see it
   * @param placed where its provider opened it, once it has
   */
  record Contact(
      String name,
      String status,
      Optional<UUID> instanceId,
      Optional<String> vmUrl,
      Optional<Endpoint> placed,
      Optional<String> encryptedSecret,
      boolean messagesWait) {}

  static Optional<Contact> contact(DSLContext sql, UUID ownerId, UUID id) {
    return CONTACT.fetch(sql, id, ownerId).stream().findFirst().map(AgentStore::contact);
  }

  private static Contact contact(Record row) {
    return new Contact(
        row.get(AGENTS.NAME),
        row.get(AGENTS.DEPLOYMENT_STATUS),
        Optional.ofNullable(row.get(AGENTS.INSTANCE_ID)),
        Optional.ofNullable(row.get(AGENTS.VM_URL)),
        Optional.ofNullable(row.get(INSTANCES.ENDPOINT))
            .flatMap(endpoint -> Endpoint.of(Json.parse(endpoint.data()))),
        Optional.ofNullable(row.get(AGENTS.AUTH_TOKEN)),
        row.get(MESSAGES_WAIT));
  }

  static void insert(
      DSLContext sql,
      UUID id,
      UUID ownerId,
      AgentSpec spec,
      String encryptedSecret,
      String provider,
      UUID instanceId,
      long generation) {
    sql.insertInto(AGENTS)
        .set(AGENTS.ID, id)
        .set(AGENTS.OWNER_ID, ownerId)
        .set(AGENTS.NAME, spec.name())
        .set(AGENTS.SYSTEM_PROMPT, spec.systemPrompt())
        .set(AGENTS.MODEL, spec.model())
        .set(AGENTS.SKILLS, skillsText(spec.skills()))
        .set(AGENTS.DEPLOYMENT_STATUS, "pending")
        .set(AGENTS.AUTH_TOKEN, encryptedSecret)
        .set(AGENTS.SOURCE, "web")
        .set(AGENTS.PROVIDER, provider)
        .set(AGENTS.INSTANCE_ID, instanceId)
        .set(AGENTS.GENERATION, generation)
        .execute();
  }

  static void change(DSLContext sql, UUID id, AgentChanges changes) {
    Map<Field<?>, @Nullable Object> values = new HashMap<>();
    changes.name().ifPresent(name -> values.put(AGENTS.NAME, name));
    changes.systemPrompt().ifPresent(prompt -> values.put(AGENTS.SYSTEM_PROMPT, prompt));
    changes.model().ifPresent(model -> values.put(AGENTS.MODEL, model));
    changes.skills().ifPresent(skills -> values.put(AGENTS.SKILLS, skillsText(skills)));
    changes.publicName().ifPresent(shown -> values.put(AGENTS.PUBLIC_NAME, shown));
    sql.update(AGENTS)
        .set(values)
        .set(AGENTS.UPDATED_AT, currentInstant())
        .where(AGENTS.ID.eq(id))
        .execute();
  }

  static void setGeneration(DSLContext sql, UUID id, long generation) {
    sql.update(AGENTS).set(AGENTS.GENERATION, generation).where(AGENTS.ID.eq(id)).execute();
  }

  /** From now on only what deployments since this generation gave the agent opens the gateway. */
  static void endTokensBefore(DSLContext sql, UUID id, long generation) {
    sql.update(AGENTS)
        .set(AGENTS.INFERENCE_GENERATION, generation)
        .where(AGENTS.ID.eq(id))
        .and(AGENTS.INFERENCE_GENERATION.lt(generation))
        .execute();
  }

  /** The agent starts anew in another instance, with another secret and other tokens. */
  static void rebuild(
      DSLContext sql,
      UUID id,
      String encryptedSecret,
      String provider,
      UUID instanceId,
      long generation) {
    sql.update(AGENTS)
        .set(AGENTS.AUTH_TOKEN, encryptedSecret)
        .set(AGENTS.PROVIDER, provider)
        .set(AGENTS.INSTANCE_ID, instanceId)
        .set(AGENTS.GENERATION, generation)
        .set(AGENTS.INFERENCE_GENERATION, generation)
        .set(AGENTS.DEPLOYMENT_STATUS, "pending")
        .set(AGENTS.VM_URL, (String) null)
        .set(AGENTS.CRN_URL, (String) null)
        .set(AGENTS.UPDATED_AT, currentInstant())
        .where(AGENTS.ID.eq(id))
        .execute();
  }

  /** An agent's secret as it is stored. */
  record SealedSecret(UUID agentId, String secret) {}

  /** Of agents of the original that live in nothing this installation knows. */
  static List<SealedSecret> withoutInstance(DSLContext sql) {
    return sql.select(AGENTS.ID, AGENTS.AUTH_TOKEN)
        .from(AGENTS)
        .where(AGENTS.INSTANCE_ID.isNull())
        .and(AGENTS.AUTH_TOKEN.isNotNull())
        .orderBy(AGENTS.ID)
        .fetch(row -> new SealedSecret(row.value1(), row.value2()));
  }

  /** The agent lives in this instance from now on. */
  static void link(DSLContext sql, UUID id, String provider, UUID instanceId, long generation) {
    sql.update(AGENTS)
        .set(AGENTS.PROVIDER, provider)
        .set(AGENTS.INSTANCE_ID, instanceId)
        .set(AGENTS.GENERATION, generation)
        .set(AGENTS.UPDATED_AT, currentInstant())
        .where(AGENTS.ID.eq(id))
        .execute();
  }

  static void delete(DSLContext sql, UUID id) {
    sql.deleteFrom(AGENTS).where(AGENTS.ID.eq(id)).execute();
  }

  private static Agent agent(AgentsRecord row) {
    return new Agent(
        row.getId(),
        row.getOwnerId(),
        row.getName(),
        row.getSystemPrompt(),
        row.getModel(),
        row.getDeploymentStatus(),
        Optional.ofNullable(row.getVmUrl()),
        row.getSource(),
        skills(row.getSkills()),
        row.getPublicName(),
        Optional.ofNullable(row.getProvider()),
        Optional.ofNullable(row.getInstanceId()),
        Optional.ofNullable(row.getInstanceHash()),
        row.getGeneration(),
        row.getCreatedAt(),
        row.getUpdatedAt());
  }

  private static @Nullable String skillsText(List<String> skills) {
    if (skills.isEmpty()) {
      return null;
    }
    ArrayNode array = Json.array();
    skills.forEach(array::add);
    return Json.write(array);
  }

  private static List<String> skills(@Nullable String text) {
    List<String> skills = new ArrayList<>();
    if (text != null && !text.isBlank()) {
      try {
        Json.parse(text).forEach(skill -> skills.add(skill.asText()));
      } catch (JsonException _) {
        // The original can have stored anything here; an agent without skills still works.
      }
    }
    return skills;
  }
}
