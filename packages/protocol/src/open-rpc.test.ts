import { describe, expect, it } from 'vitest';
import { METHOD_NAMES, openRpcDocument } from './index.ts';
import type { Json, JsonObject } from './index.ts';

function refsIn(value: Json): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : refsIn(inner),
  );
}

function resolve(document: JsonObject, ref: string): Json | undefined {
  let here: Json | undefined = document;
  for (const part of ref.replace('#/', '').split('/')) here = (here as JsonObject | undefined)?.[part];
  return here;
}

describe('OpenRPC document', () => {
  const document = openRpcDocument();

  it('describes every method once, by name, with params, result, errors and an example', () => {
    const described = document['methods'] as readonly JsonObject[];
    expect(described.map((method) => method['name'])).toEqual(METHOD_NAMES);
    for (const method of described) {
      expect(method['paramStructure']).toBe('by-name');
      expect(method).toHaveProperty('result.schema');
      expect(method['examples']).toHaveLength(1);
    }
  });

  it('has no reference that leads nowhere', () => {
    const refs = new Set(refsIn(document));
    expect(refs.size).toBeGreaterThan(20);
    for (const ref of refs) expect(resolve(document, ref), ref).toBeDefined();
  });

  it('lists only the methods it is asked for', () => {
    const described = openRpcDocument(['system.health', 'tasks.fly'])['methods'] as readonly JsonObject[];
    expect(described.map((method) => method['name'])).toEqual(['system.health']);
  });

  it('marks a param as required only when every alternative requires it', () => {
    const described = openRpcDocument(['tasks.execute'])['methods'] as readonly JsonObject[];
    const params = described[0]?.['params'] as readonly JsonObject[];
    expect(params.filter((param) => param['required'] === true)).toEqual([]);
    expect(params.map((param) => param['name'])).toContain('taskId');
    expect(params.map((param) => param['name'])).toContain('tasks');
    expect(described[0]).toHaveProperty('x-params');
  });
});
