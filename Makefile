# LiberClaw: build, test and run. `make` alone lists what there is.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# The first JDK 25 or newer found; plain `java` may well be older.
JDK := $(shell for home in "$$JAVA_HOME" /usr/lib/jvm/*25* "$$HOME"/.sdkman/candidates/java/25* \
	/Library/Java/JavaVirtualMachines/*25*/Contents/Home "$$HOME"/Library/Java/JavaVirtualMachines/*25*/Contents/Home \
	"$$(dirname "$$(dirname "$$(readlink -f "$$(command -v javac)" 2>/dev/null)")" 2>/dev/null)"; do \
	if [ -x "$$home/bin/javac" ]; then \
	version=$$("$$home/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'); \
	if [ "$${version:-0}" -ge 25 ]; then echo "$$home"; break; fi; fi; done)

export JAVA_HOME := $(JDK)
# Maven's own libraries make a newer Java print warnings that nobody here can act on.
export MAVEN_OPTS ?= --sun-misc-unsafe-memory-access=allow
VERSION := $(shell sed -n 's|^  <version>\(.*\)</version>$$|\1|p' pom.xml)
MAVEN := ./mvnw --batch-mode --no-transfer-progress

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: jdk
jdk:
ifeq ($(JDK),)
	@echo "LiberClaw needs a JDK 25 or newer (for example Eclipse Temurin 25). Install one, or set JAVA_HOME to it, and try again." >&2; exit 1
endif

.PHONY: run
run: build ## build, then run the whole platform on this machine, data in ./data
	@JAVA="$(JDK)/bin/java" ./deploy/ops/run-local || case $$? in 130|143) ;; *) exit 1 ;; esac

.PHONY: build
build: jdk ## build every jar, without tests
	@$(MAVEN) --quiet -DskipTests -Dspotless.check.skip package

.PHONY: test
test: jdk ## run every test, the formatter's check included
	@$(MAVEN) --threads 2 verify

.PHONY: test-hosts
test-hosts: bundle ## test deployment onto real Debian hosts and containers (root, Podman, debootstrap)
	@$(MAVEN) -Dtest.groups=hosts -Dtest.groups.excluded= -Dsurefire.failIfNoSpecifiedTests=false verify

.PHONY: bench
bench: jdk ## measure the packaged servers, some minutes of load on this machine (BENCH=servers|agent|api|gateway; the last two want nginx)
	@$(MAVEN) --quiet -DskipTests -Dspotless.check.skip -Dbench.skip=false $(if $(BENCH),-Dbench.what=$(BENCH)) package

.PHONY: soak
soak: jdk ## wear out a packaged agent for half an hour (SOAK_MINUTES=30)
	@$(MAVEN) --quiet -DskipTests -Dspotless.check.skip -Dbench.skip=false -Dbench.what=soak:$(SOAK_MINUTES) package

.PHONY: agent-cache
agent-cache: build ## make a class cache of the built agent: agents start faster until the next build
	@JAVA="$(JDK)/bin/java" ./deploy/ops/agent-cache

.PHONY: bundle
bundle: build ## make the agent's release bundle, signed by RELEASE_KEY_FILE or a development key of ./data
	@"$(JDK)/bin/java" --enable-native-access=ALL-UNNAMED -cp 'api/target/lib/*' ai.liberclaw.deploy.bundle.Main \
		api/target/agent api/target/bundle "$(VERSION)" data

.PHONY: proxy-artifact
proxy-artifact: ## pack the pinned Caddy that gives agents' hosts their TLS
	@./deploy/ops/proxy-artifact api/target/proxy
.PHONY: image
image: ## make the file system below agents' containers, for CONTAINER_BASE (root, debootstrap)
	@./deploy/ops/container-base
.PHONY: server
server: build ## pack a server's archive with its own Java: deploy/target/liberclaw-server.tar.gz
	@JAVA_HOME="$(JDK)" ./deploy/ops/pack-server deploy/target/liberclaw-server.tar.gz

.PHONY: deploy
deploy: build ## ship this build to HOST=user@host and run it there (OPTIONS="--domain …"; docs/operations.md)
	@test -n "$(HOST)" || { echo "Say where to: make deploy HOST=user@host" >&2; exit 2; }
	@JAVA_HOME="$(JDK)" ./deploy/ops/deploy-server "$(HOST)" $(OPTIONS)

.PHONY: codegen
codegen: jdk ## regenerate the typed tables from the migrations
	@$(MAVEN) --quiet -DskipTests -Dspotless.check.skip -Dcodegen.skip=false -pl jooq-codegen/generator -am process-classes
	@echo "Generated tables are up to date; commit what changed."

.PHONY: reference
reference: jdk ## write docs/api-reference.md from the description of the API
	@$(MAVEN) --quiet -pl api -am -Dspotless.check.skip -Dsurefire.failIfNoSpecifiedTests=false -Dtest=ApiReferenceTest -Dreference.write=true test

.PHONY: fmt
fmt: jdk ## format all Java code
	@$(MAVEN) --quiet spotless:apply

.PHONY: clean
clean: jdk ## delete what was built (never ./data)
	@$(MAVEN) --quiet clean
