package ai.liberclaw.deploy.catalogue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Ids, names, icons, models and skill sets are contract: stored agents and clients hold them. */
class CatalogueTest {
  private final Catalogue catalogue = Catalogue.load();

  @Test
  void templatesAreThoseOfTheContractInTheirOrder() {
    String templates =
        catalogue.categories().stream()
            .flatMap(category -> category.templates().stream())
            .map(t ->
                String.join(
                    "|",
                    t.id(),
                    t.name(),
                    t.category(),
                    t.icon(),
                    t.model(),
                    String.join(",", t.skills()),
                    t.featured() ? "yes" : "no"))
            .collect(Collectors.joining("\n"));
    assertEquals(
        """
        full-stack-dev|Full-Stack Dev|developer|laptop|qwen3-coder-next|git,python-dev,node-dev,code-review|yes
        devops-engineer|DevOps Engineer|developer|dns|qwen3-coder-next|git,devops,api-testing|no
        python-expert|Python Expert|developer|code|qwen3-coder-next|git,python-dev,data-analysis|no
        code-reviewer|Code Reviewer|developer|search|qwen3-coder-next|git,code-review|no
        data-analyst|Data Analyst|developer|bar-chart|qwen3-coder-next|python-dev,data-analysis,sql|no
        api-builder|API Builder|developer|api|qwen3-coder-next|git,python-dev,node-dev,api-testing|no
        aleph-admin|Aleph Cloud Admin|developer|cloud|qwen3-coder-next|aleph-cloud,devops|no
        research-assistant|Research Assistant|productivity|menu-book|glm-4.7|web-research,summarization,writing|yes
        writing-coach|Writing Coach|productivity|edit|glm-4.7|writing,web-research|no
        study-buddy|Study Buddy|productivity|school|glm-4.7|learning-tutor,web-research,summarization|no
        personal-assistant|Personal Assistant|productivity|how-to-reg|glm-4.7|task-planning,web-research,weather,memory-management|no
        defi-researcher|DeFi Researcher|web3|trending-up|glm-4.7|crypto-research,onchain-data,web-research|no
        contract-auditor|Smart Contract Auditor|web3|shield|qwen3-coder-next|smart-contract-reading,code-review|no
        aleph-navigator|Aleph Cloud Navigator|web3|explore|glm-4.7|aleph-cloud,crypto-research|yes\
        """,
        templates);
  }

  @Test
  void skillsAreThoseOfTheContractInTheirOrder() {
    String skills =
        catalogue.skills().stream()
            .map(s -> s.id() + "|" + s.name() + "|" + s.category())
            .collect(Collectors.joining("\n"));
    assertEquals(
        """
        git|Git|developer
        code-review|Code Review|developer
        python-dev|Python Dev|developer
        node-dev|Node.js Dev|developer
        devops|DevOps|developer
        api-testing|API Testing|developer
        data-analysis|Data Analysis|developer
        sql|SQL|developer
        web-research|Web Research|productivity
        writing|Writing|productivity
        summarization|Summarization|productivity
        task-planning|Task Planning|productivity
        learning-tutor|Learning Tutor|productivity
        memory-management|Memory Management|productivity
        weather|Weather|productivity
        aleph-cloud|Aleph Cloud|web3
        crypto-research|Crypto Research|web3
        smart-contract-reading|Smart Contract Reading|web3
        onchain-data|On-Chain Data|web3\
        """,
        skills);
  }

  @Test
  void categoriesCarryIconsTheAppHas() {
    assertEquals(
        "developer code, productivity auto-awesome, web3 language",
        catalogue.categories().stream()
            .map(c -> c.id() + " " + c.icon())
            .collect(Collectors.joining(", ")));
  }

  @Test
  void everyPromptFitsTheEditorAndEverySkillBeginsWithItsName() {
    for (Category category : catalogue.categories()) {
      for (Template template : category.templates()) {
        int length = template.systemPrompt().orElseThrow().length();
        assertTrue(length > 0 && length <= Catalogue.PROMPT_LENGTH_MAX, template.id());
      }
    }
    for (Skill skill : catalogue.skills()) {
      assertTrue(skill.content().startsWith("# " + skill.name() + "\n"), skill.id());
    }
  }
}
