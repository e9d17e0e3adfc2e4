package ai.liberclaw.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.liberclaw.api.retention.Retention;
import ai.liberclaw.deploy.cluster.ClusterTasks;
import ai.liberclaw.testkit.await.Await;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jooq.DSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is over is deleted, what may still be needed is kept. */
@ExtendWith(Postgres.Extension.class)
class RetentionTest {
  @Test
  void d5ExpiredRowsGoInBatchesAndOthersStay(Postgres postgres) throws Exception {
    try (TestApi api = TestApi.start(postgres)) {
      DSLContext sql = api.sql();
      String user = "(select id from users limit 1)";
      api.guest();
      sql.execute("delete from sessions");
      sql.execute("delete from rate_limit_buckets");
      // Each statement with %s for an age: once too old, once not.
      Map<String, List<String>> rows = new LinkedHashMap<>();
      rows.put(
          "insert into rate_limit_buckets (name, subject, period_start, expires_at)"
              + " values ('n', gen_random_uuid()::text, now(), now() - interval '%s')",
          List.of("1 minute", "-1 minute"));
      rows.put(
          "insert into sessions (id, user_id, refresh_token_hash, revoked_at, expires_at,"
              + " created_at) values (gen_random_uuid(), "
              + user
              + ", gen_random_uuid()::text, now(), now() - interval '%s', now())",
          List.of("8 days", "6 days"));
      rows.put(
          "insert into magic_links (id, email, token_hash, expires_at, created_at)"
              + " values (gen_random_uuid(), 'a@b.c', gen_random_uuid()::text,"
              + " now() - interval '%s', now())",
          List.of("25 hours", "23 hours"));
      rows.put(
          "insert into idempotency_keys (user_id, path, key, body_hash, created_at) values ("
              + user
              + ", '/x', gen_random_uuid()::text, 'h', now() - interval '%s')",
          List.of("25 hours", "23 hours"));
      rows.put(
          "insert into mail_outbox (id, recipient, status, expires_at, ended_at)"
              + " values (gen_random_uuid(), 'a@b.c', 'sent', now(), now() - interval '%s')",
          List.of("8 days", "6 days"));
      rows.put(
          "insert into magic_links (id, email, token_hash, used_at, expires_at, created_at)"
              + " values (gen_random_uuid(), 'a@b.c', gen_random_uuid()::text,"
              + " now() - interval '%s', now(), now())",
          List.of("25 hours", "23 hours"));
      rows.put(
          "insert into wallet_challenges (id, address, nonce, expires_at, created_at)"
              + " values (gen_random_uuid(), '0x', gen_random_uuid()::text,"
              + " now() - interval '%s', now())",
          List.of("25 hours", "23 hours"));
      rows.put(
          "insert into oauth_states (state_hash, provider, cookie_hash, code_verifier, expires_at)"
              + " values (gen_random_uuid()::text, 'google', 'c', 'v', now() - interval '%s')",
          List.of("25 hours", "23 hours"));
      rows.put(
          "insert into oauth_codes (code_hash, user_id, expires_at)"
              + " values (gen_random_uuid()::text, "
              + user
              + ", now() - interval '%s')",
          List.of("25 hours", "23 hours"));
      for (String column : List.of("revoked_at", "expires_at")) {
        rows.put(
            "insert into personal_access_tokens (id, user_id, name, scopes, prefix, token_hash, "
                + column
                + ") values (gen_random_uuid(), "
                + user
                + ", 'n', '{chat}', 'lc_', gen_random_uuid()::text, now() - interval '%s')",
            List.of("31 days", "29 days"));
      }
      sql.execute("delete from activity_events");
      for (String event :
          List.of(
              "'old public', true, now() - interval '8 days'",
              "'kept public', true, now() - interval '6 days'",
              "'old private', false, now() - interval '91 days'",
              "'kept private', false, now() - interval '89 days'")) {
        sql.execute(
            "insert into activity_events (id, event_type, is_public, created_at)"
                + " values (gen_random_uuid(), "
                + event
                + ")");
      }
      rows.put(
          "insert into model_usage (user_id, day, model, own_key) values ("
              + user
              + ", (now() - interval '%s')::date, 'm', false)",
          List.of("398 days", "390 days"));
      rows.put(
          "insert into budgets (scope, subject, period, starts_on)"
              + " values ('site', '', 'day', (now() - interval '%s')::date)",
          List.of("398 days", "390 days"));
      // Of an agent who is gone, and of a user who is there.
      sql.execute(
          "insert into budgets (scope, subject, period, starts_on)"
              + " values ('agent', gen_random_uuid()::text, 'day', now()::date)");
      sql.execute("delete from budget_limits");
      sql.execute(
          "insert into budget_limits (scope, subject, period) values"
              + " ('agent', gen_random_uuid()::text, 'day'), ('user', "
              + user
              + "::text, 'day')");
      rows.forEach((row, ages) -> ages.forEach(age -> sql.execute(row.formatted(age))));
      // Logs by the age of their lines and of their job's end; those of a running job stay.
      for (String ended : List.of("now() - interval '31 days'", "now()", "null")) {
        String id = String.valueOf(sql.fetchValue("select gen_random_uuid()"));
        sql.execute(
            "insert into deployments (id, agent_id, kind, status, generation, ended_at) values ('"
                + id
                + "', gen_random_uuid(), 'destroy', "
                + (ended.equals("null") ? "'running', 1, null" : "'succeeded', 1, " + ended)
                + ")");
        sql.execute(
            "insert into deployment_logs (deployment_id, seq, at, level, message) values ('"
                + id
                + "', 1, now() - interval '31 days', 'info', 'x')");
      }

      // More than one transaction may take.
      sql.execute(
          "insert into rate_limit_buckets (name, subject, period_start, expires_at)"
              + " select 'many', i::text, now(), now() - interval '1 minute'"
              + " from generate_series(1, 2500) i");

      // The server under test has pruned at its start.
      Await.until(
          "the server's own run",
          TestApi.DEADLINE,
          () ->
              sql.fetchValue("select last_done_at from cluster_tasks where name = 'retention'")
                  != null);
      sql.execute("update cluster_tasks set last_done_at = null where name = 'retention'");
      try (ClusterTasks tasks = new ClusterTasks(sql, Clock.systemUTC())) {
        new Retention(sql, Clock.systemUTC()).addTo(tasks);
        Await.until(
            "the last rule was applied",
            TestApi.DEADLINE,
            () -> sql.fetch("select 1 from deployment_logs").size() == 2);
      }
      for (String table :
          List.of(
              "rate_limit_buckets",
              "sessions",
              "idempotency_keys",
              "mail_outbox",
              "wallet_challenges",
              "oauth_states",
              "oauth_codes",
              "model_usage",
              "budgets",
              "budget_limits")) {
        assertEquals(1, sql.fetch("select 1 from " + table).size(), table);
      }
      assertEquals(2, sql.fetch("select 1 from magic_links").size());
      assertEquals(2, sql.fetch("select 1 from personal_access_tokens").size());
      assertEquals(
          List.of("kept private", "kept public"),
          sql.fetch("select event_type from activity_events order by event_type")
              .getValues(0, String.class));
    }
  }
}
