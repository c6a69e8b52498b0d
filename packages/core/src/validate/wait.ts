/** What a task waits for, as it was written: that it waits for one thing, and that each of its fields means something. */
import { parseDuration, type JsonObject } from '@coppice/extension';
import type { SchemaChecker } from '../ports/schemas.ts';
import { DURATION_MS_MAX, isDurationMs } from '../task/time-limits.ts';
import { APPROVAL_SIGNAL, OWN_SIGNALS, type ApprovalDefinition, type WaitDefinition } from '../task/wait.ts';
import { parseTime } from './iso-time.ts';
import { checkNumber } from './policies.ts';
import { siteOf, violate, type Site } from './report.ts';
import { fillDefaults } from './schema-defaults.ts';
import { holdsExpression } from './template.ts';

/** Characters of what people read, as it is written. */
const TITLE_LENGTH_MAX = 1_000;
const TEXT_LENGTH_MAX = 10_000;
const SIGNAL_LENGTH_MAX = 200;
const APPROVERS_MAX = 100;
/** Characters of a schema as JSON. */
const SCHEMA_LENGTH_MAX = 65_536;
const REMINDER_MS_MIN = 1_000;

interface GivenWait {
  readonly wait: WaitDefinition | undefined;
  readonly approval: ApprovalDefinition | undefined;
}

/** Reports what is wrong with the wait or the approval of a task; `site` is that of the task. Expressions in it are checked elsewhere. */
export function checkWait({ wait, approval }: GivenWait, site: Site, { schemas, signals }: WaitFacts): void {
  if (wait !== undefined && approval !== undefined) {
    violate(siteOf(site, 'approval'), 'tree/invalid', {
      what: 'has a wait and an approval, which is a wait of its own',
      expected: 'one of the two',
    });
  }
  if (wait !== undefined) checkOneWait(wait, { site: siteOf(site, 'wait'), schemas, signals });
  if (approval !== undefined) checkApproval(approval, { site: siteOf(site, 'approval'), schemas });
}

/** What these checks need to know from outside. */
interface WaitFacts {
  readonly schemas: SchemaChecker;
  /** Names of signals that extensions handle. */
  readonly signals?: ReadonlySet<string> | undefined;
}

interface Place {
  readonly site: Site;
  readonly schemas: SchemaChecker;
}

const BODIES = ['forMs', 'until', 'signal'] as const satisfies readonly (keyof WaitDefinition)[];

/** Fields that mean nothing where only time is waited for. */
const OF_SIGNALS = ['schema', 'timeoutMs', 'deadline', 'onTimeout', 'default', 'reminderMs', 'title', 'text'] as const;

function checkOneWait(wait: WaitDefinition, { site, schemas, signals }: WaitFacts & Pick<Place, 'site'>): void {
  const said = BODIES.filter((field) => wait[field] !== undefined);
  if (said.length !== 1) {
    violate(site, 'tree/invalid', {
      what:
        said.length === 0
          ? 'waits for nothing'
          : `waits for ${said.map(written).join(' and ')}, and can only wait for one`,
      expected: 'one of for, until, signal',
    });
    return;
  }
  checkDuration(wait.forMs, siteOf(site, 'forMs'));
  checkTime(wait.until, siteOf(site, 'until'));
  if (wait.signal === undefined) {
    for (const field of OF_SIGNALS) {
      if (wait[field] === undefined) continue;
      violate(siteOf(site, field), 'tree/invalid', `has ${written(field)}, which only a wait for a signal can have`);
    }
    return;
  }
  checkSignal(wait.signal, siteOf(site, 'signal'));
  if (signals?.has(wait.signal) === true)
    violate(siteOf(site, 'signal'), 'tree/invalid', {
      what: `waits for '${wait.signal}', which an extension handles, so that it never comes`,
      expected: 'another name',
      actual: wait.signal,
    });
  checkLimits(wait, site);
  const isUsable = wait.schema === undefined || checkSchema(wait.schema, { site: siteOf(site, 'schema'), schemas });
  checkDefault(wait, { site, schemas }, isUsable);
}

function written(field: string): string {
  return field.replace(/Ms$/, '');
}

function checkSignal(signal: string, site: Site): void {
  const expected = `1 to ${SIGNAL_LENGTH_MAX} characters without an expression`;
  if (signal === '' || signal.length > SIGNAL_LENGTH_MAX || signal.includes('${{'))
    violate(site, 'tree/invalid', {
      what: 'waits for a signal whose name can not be used',
      expected,
      actual: signal.slice(0, SIGNAL_LENGTH_MAX),
    });
  else if (signal === APPROVAL_SIGNAL || signal.startsWith(OWN_SIGNALS))
    violate(site, 'tree/invalid', {
      what: `waits for '${signal}', which is a signal of Coppice itself`,
      expected: signal === APPROVAL_SIGNAL ? "'approval:' instead of 'wait:'" : 'a name of your own',
      actual: signal,
    });
}

function checkDefault(wait: WaitDefinition, { site, schemas }: Place, isUsable: boolean): void {
  const { onTimeout, schema } = wait;
  if ((onTimeout === 'default') !== (wait.default !== undefined)) {
    violate(siteOf(site, onTimeout === 'default' ? 'onTimeout' : 'default'), 'tree/invalid', {
      what: onTimeout === 'default' ? 'has onTimeout: default, and no default' : 'has a default that is never used',
      expected: 'both onTimeout: default and default, or neither',
    });
  } else if (
    wait.default !== undefined &&
    schema !== undefined &&
    isUsable &&
    !holdsExpression(wait.default) &&
    !holdsExpression(schema)
  ) {
    report(
      schemas.check(schema, wait.default),
      siteOf(site, 'default'),
      'has a default that its schema does not allow',
    );
  }
}

function checkApproval(approval: ApprovalDefinition, { site, schemas }: Place): void {
  const { form, approvers, onTimeout } = approval;
  checkLimits(approval, site);
  if (
    approvers !== undefined &&
    (approvers.length === 0 || approvers.length > APPROVERS_MAX || approvers.includes(''))
  ) {
    violate(siteOf(site, 'approvers'), 'tree/invalid', {
      what: 'has a list of approvers that can not be used',
      expected: `1 to ${APPROVERS_MAX} ids of users; without the list the owner of the tree answers`,
    });
  }
  if (form === undefined || !checkSchema(form, { site: siteOf(site, 'form'), schemas })) return;
  if (form['type'] !== 'object') {
    violate(siteOf(site, 'form'), 'tree/invalid', {
      what: 'has a form that is no object',
      expected: 'type: object, with properties',
    });
  } else if (onTimeout === 'approve' && !holdsExpression(form)) {
    const what = 'is approved when nobody answers, and then its form has no defaults for all that it requires';
    report(schemas.check(form, fillDefaults(form, {})), siteOf(site, 'form'), what);
  }
}

function checkLimits(limits: WaitDefinition | ApprovalDefinition, site: Site): void {
  const { title, text, timeoutMs, deadline, reminderMs, onTimeout } = limits;
  checkLength(title, siteOf(site, 'title'), TITLE_LENGTH_MAX);
  checkLength(text, siteOf(site, 'text'), TEXT_LENGTH_MAX);
  checkDuration(timeoutMs, siteOf(site, 'timeoutMs'));
  checkTime(deadline, siteOf(site, 'deadline'));
  checkNumber(reminderMs, siteOf(site, 'reminderMs'), { min: REMINDER_MS_MIN, max: DURATION_MS_MAX });
  if (timeoutMs !== undefined && deadline !== undefined) {
    violate(siteOf(site, 'deadline'), 'tree/invalid', {
      what: 'has a timeout and a deadline',
      expected: 'one of the two',
    });
  }
  if (onTimeout !== undefined && timeoutMs === undefined && deadline === undefined) {
    violate(siteOf(site, 'onTimeout'), 'tree/invalid', {
      what: 'says what happens after a time-out, and has none',
      expected: 'timeout or deadline',
    });
  }
}

function checkLength(text: string | undefined, site: Site, max: number): void {
  if (text === undefined || (text !== '' && text.length <= max)) return;
  violate(site, 'tree/invalid', {
    what: `has a ${site.key} of ${text.length} characters`,
    expected: `1 to ${max} characters`,
  });
}

function checkDuration(value: number | string | undefined, site: Site): void {
  if (value === undefined || (typeof value === 'string' && value.includes('${{'))) return;
  const ms = typeof value === 'string' ? parseDuration(value) : value;
  if (ms !== undefined && isDurationMs(ms)) return;
  violate(site, 'tree/invalid', {
    what: `has ${written(String(site.key))} ${JSON.stringify(value)}, which is no duration`,
    expected: 'ms, or a duration such as 30s, 5m, 1h30m; at most 100 years',
    actual: value,
  });
}

function checkTime(value: string | undefined, site: Site): void {
  if (value === undefined || value.includes('${{') || parseTime(value) !== undefined) return;
  violate(site, 'tree/invalid', {
    what: `has ${site.key} '${value.slice(0, 100)}', which is no time`,
    expected: 'an ISO 8601 time with zone, e.g. 2026-11-20T08:00:00Z',
    actual: value.slice(0, 100),
  });
}

/** True when the schema can be used. */
function checkSchema(schema: JsonObject, { site, schemas }: Place): boolean {
  const { length } = JSON.stringify(schema);
  const problem =
    length > SCHEMA_LENGTH_MAX
      ? `it has ${length} characters, the limit is ${SCHEMA_LENGTH_MAX}`
      : schemas.problem(schema);
  if (problem === undefined) return true;
  violate(site, 'tree/invalid', {
    what: `has a ${site.key} that is no JSON Schema: ${problem}`,
    expected: 'a JSON Schema (2020-12)',
  });
  return false;
}

function report(issues: ReturnType<SchemaChecker['check']>, site: Site, what: string): void {
  for (const { path, reason, expected, actual } of issues) {
    const where = path.length === 0 ? '' : `${path.join('.')} `;
    violate(siteOf(site, ...path), 'tree/invalid', { what: `${what}: ${where}${reason}`, expected, actual });
  }
}
