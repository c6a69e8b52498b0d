/** What validation needs to know of executors and of the outside, as this engine has them. */
import type { DecideContext, ExecutorFacts, LimitGates, RunState, ValidationFacts } from '@coppice/core';
import type { ExtensionRegistry } from './registry/extension-registry.ts';
import { definitionSchemas } from './registry/definition-schemas.ts';
import { compileValueSchema } from './registry/value-schema.ts';

interface FactsParts {
  readonly registry: ExtensionRegistry;
  readonly kernel: {
    context(): Pick<DecideContext, 'expressions' | 'env' | 'secrets'>;
    /** The gates of the engine's limits. */
    readonly gates: Pick<LimitGates, 'resourceCapacity'>;
  };
}

/** What the checks of one request need to know of executors and of what expressions may read; `run`: of the tree that is changed or copied. */
export function validationFacts(
  { registry, kernel }: FactsParts,
  run?: Pick<RunState, 'inputs' | 'variables' | 'declares'>,
): ValidationFacts {
  const { expressions, env, secrets } = kernel.context();
  const known = new Map<string, ExecutorFacts | undefined>();
  return {
    expressions,
    names: {
      env,
      secrets: Object.fromEntries(secrets.names.map((name) => [name, true])),
      inputs: run?.inputs,
      vars: run?.variables,
    },
    declaredInputs: run?.declares?.inputs,
    executorTypes: registry.listExecutors().map((executor) => executor.type),
    backoffs: new Set(registry.backoffs.keys()),
    schemas: definitionSchemas,
    merges: new Set(registry.merges.keys()),
    capacityOf: (resource) => kernel.gates.resourceCapacity(resource),
    signals: new Set(registry.signalHandlers.keys()),
    findExecutor(type) {
      if (!known.has(type)) known.set(type, executorFacts(registry, type));
      return known.get(type);
    },
  };
}

function executorFacts(registry: ExtensionRegistry, type: string): ExecutorFacts | undefined {
  const executor = registry.findExecutor(type);
  if (executor === undefined) return undefined;
  const { ports, capabilities, input } = executor;
  if (input === undefined) return { ports, capabilities };
  const schema = compileValueSchema(input);
  return {
    ports,
    capabilities,
    checkInputs(inputs, suppliedKeys) {
      const issues = schema.checkDefinition(inputs, { suppliedKeys });
      // A schema that can only be checked asynchronously is checked when the task starts.
      return 'then' in issues ? [] : issues;
    },
  };
}
