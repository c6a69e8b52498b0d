/** `core` and `protocol` each describe the fields of a definition, because neither may import the other. They say the same. */
import { DEFAULTS, DEPENDENCY_DEFAULTS, FIELD_LIST, MULTIPLIER_FIELDS, type ListedField } from '@coppice/core';
import {
  DEFINITION_DEFAULTS,
  DEPENDENCY_DEFAULTS as WIRE_DEPENDENCY_DEFAULTS,
  openRpcDocument,
  SHOWN_DEFAULTS,
} from '@coppice/protocol';
import { describe, expect, it } from 'vitest';

interface Schemas {
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly properties: Readonly<Record<string, object>> }>>;
  };
}

const { schemas } = (openRpcDocument() as unknown as Schemas).components;

/** Names that an object of the wire has. */
function onWire(schema: string): readonly string[] {
  return Object.keys(schemas[schema]?.properties ?? {}).toSorted();
}

function namesWhere(isMeant: (field: ListedField) => boolean): readonly string[] {
  return FIELD_LIST.filter(isMeant)
    .map(({ writtenAs }) => writtenAs)
    .toSorted();
}

describe('fields of a definition', () => {
  it.each([
    ['TaskSubmission', ({ from, name }: ListedField) => from === 'caller' || name === 'multiplier'],
    ['UpdatePatch', ({ update }: ListedField) => update === true],
    ['CopyOverride', ({ isOverridable }: ListedField) => isOverridable],
    // The kind follows from the executor.
    ['TaskDefinition', ({ name }: ListedField) => name !== 'kind'],
  ])('are on the wire in %s where the core has them', (schema, isMeant) => {
    // A submission writes the multiplier as fields of the task.
    const meant = namesWhere(isMeant).flatMap((name) =>
      name === 'multiplier' && schema === 'TaskSubmission' ? MULTIPLIER_FIELDS : [name],
    );
    expect(onWire(schema)).toEqual(meant.toSorted());
  });

  it('are all shown in answers, what a copy carried over as the end of the task itself', () => {
    expect(onWire('Task')).toEqual(
      expect.arrayContaining([...namesWhere(({ name }) => !['kind', 'settled'].includes(name))]),
    );
  });

  it('have the same defaults on both sides', () => {
    const saying = Object.entries(DEFAULTS).filter(([, value]) => value !== undefined);
    expect(DEFINITION_DEFAULTS).toEqual(Object.fromEntries(saying));
    expect(WIRE_DEPENDENCY_DEFAULTS).toEqual(DEPENDENCY_DEFAULTS);
  });

  it('are shown alike where a task does not say them', () => {
    const unsaid = FIELD_LIST.filter(({ writtenAs }) => writtenAs in SHOWN_DEFAULTS);
    expect(SHOWN_DEFAULTS).toEqual(Object.fromEntries(unsaid.map((field) => [field.writtenAs, field.unsaid ?? null])));
  });

  it.each(['join', 'allowFailure', 'mustRun'] as const)('say the default of %s in words', (name) => {
    const field = FIELD_LIST.find((each) => each.name === name);
    expect(schemas['TaskSubmission']?.properties[name]).toMatchObject({
      description: expect.stringContaining(`Default ${String(field?.unsaid)}.`) as string,
    });
  });
});
