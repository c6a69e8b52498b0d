/**
 * Refuses fields that have no effect on the kind of the task. A group may have policies of attempts and a priority, because its members
 * inherit them. A wait has no attempts.
 */
import type { JsonObject } from '@coppice/extension';
import type { TaskKind } from '../task/kind.ts';
import { isMultiplied, type MultiplierFields } from '../task/multiplier.ts';
import type { TaskPolicies } from '../task/task.ts';
import { APPROVED, type OfAWait } from '../task/wait.ts';
import { siteOf, violate } from './report.ts';
import type { LazySite } from './report.ts';
import { createSuggest, didYouMean } from './suggestion.ts';

/** Members inherit the priority of a group when the tree is created. A later change of the group would have no effect. */
export const PRIORITY_OF_GROUP =
  'is a group: its members have had its priority since the tree was created; change theirs';

/** The fields that are checked here. All may be absent. */
export interface KindFields extends OfAWait, MultiplierFields {
  readonly inputs?: JsonObject | undefined;
  readonly policies?: TaskPolicies | undefined;
  readonly port?: string | undefined;
  readonly capabilities?: readonly string[] | undefined;
}

/** Reports the fields that a task of this kind can not have. */
export function checkKind(fields: KindFields, kind: TaskKind, site: LazySite): void {
  const { policies, port, capabilities } = fields;
  if (kind === 'wait') {
    checkFieldsOfWait(fields, site);
    return;
  }
  if (kind === 'executor') {
    if (policies?.onFailure !== undefined && !isMultiplied(fields)) {
      violate(siteOf(site(), 'policies', 'onFailure'), 'tree/invalid', {
        what: 'has onFailure, which says what becomes of the members of a group, and has none: it has an executor',
        expected: 'onFailure on the group around it, or in the policies of the run',
        actual: policies.onFailure,
      });
    }
    if (policies?.concurrency !== undefined && !isMultiplied(fields)) {
      violate(siteOf(site(), 'policies', 'concurrency'), 'tree/invalid', {
        what: 'has concurrency, which limits the tasks below a group, and is none: it has an executor',
        expected: 'concurrency on the group around it, or in the policies of the run',
        actual: policies.concurrency,
      });
    }
    if (policies?.compensation !== undefined && !isMultiplied(fields)) {
      violate(siteOf(site(), 'policies', 'compensation'), 'tree/invalid', {
        what: 'has compensation in its policies, which says what becomes of a group that fails, and is none: it has an executor',
        expected: 'compensation on the group around it, or compensate on the task',
      });
    }
    return;
  }
  if (policies?.idempotencyKey !== undefined) {
    violate(siteOf(site(), 'policies', 'idempotencyKey'), 'tree/invalid', {
      what: 'is a group and has an idempotencyKey, which only attempts have',
      expected: 'a key on each member',
      actual: policies.idempotencyKey,
    });
  }
  if (port !== undefined && port !== '') {
    violate(siteOf(site(), 'port'), 'tree/invalid', {
      what: 'is a group and names a port, but groups have none',
      actual: port,
    });
  }
  if (capabilities !== undefined && capabilities.length > 0) {
    violate(siteOf(site(), 'capabilities'), 'tree/invalid', {
      what: 'is a group and needs capabilities, but has no executor that could offer them',
      expected: 'capabilities on its members',
      actual: [...capabilities],
    });
  }
}

/** A wait starts no attempt: what says how attempts go would be ignored. */
function checkFieldsOfWait({ inputs, policies, port, capabilities, approval }: KindFields, site: LazySite): void {
  const refuse = (path: readonly string[], expected: string): void => {
    violate(siteOf(site(), ...path), 'tree/invalid', {
      what: `waits, so it can have no ${path.join('.')}`,
      expected,
    });
  };
  for (const name of Object.keys(policies ?? {}))
    refuse(['policies', name], 'timeout and onTimeout of the wait itself');
  if (inputs !== undefined && Object.keys(inputs).length > 0) refuse(['inputs'], 'what it shows in title and text');
  if (port !== undefined && !(approval !== undefined && port === APPROVED))
    refuse(['port'], 'none; an approval has the ports approved and rejected');
  if (capabilities !== undefined && capabilities.length > 0) refuse(['capabilities'], 'none: it has no executor');
}

/** Reports every capability that the executor does not offer. */
export function checkCapabilities(
  capabilities: readonly string[],
  executor: { readonly type: string; readonly offered: readonly string[] | undefined },
  site: LazySite,
): void {
  const { offered = [] } = executor;
  for (const [index, capability] of capabilities.entries()) {
    if (offered.includes(capability)) continue;
    const hint = didYouMean(createSuggest(offered)(capability));
    violate(siteOf(site(), 'capabilities', index), 'tree/invalid', {
      what: `needs the capability '${capability}', which its executor '${executor.type}' does not offer${hint}`,
      expected: offered.length === 0 ? 'none: this executor offers no capability' : offered.join(', '),
      actual: capability,
    });
  }
}
