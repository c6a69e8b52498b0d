/**
 * Lists and maps of params whose mistakes are counted while they are looked for: a list of a million wrong entries costs what its
 * first thousand cost. For anything that is right they do what zod's own do.
 */
import * as z from 'zod';

/** Mistakes after which the rest of a list or map is not looked at. */
const MISTAKES_MAX = 1000;

/** What zod does for its own kinds. They are traits of these, so that everybody takes them for one. */
const initList: Initialise<z.ZodArray, z.core.$ZodArrayDef> = z.ZodArray.init.bind(z.ZodArray);
const initMap: Initialise<z.ZodRecord, z.core.$ZodRecordDef> = z.ZodRecord.init.bind(z.ZodRecord);

type Initialise<Kind, Definition> = (inst: Kind, def: Definition) => void;

const BoundedList = z.core.$constructor<z.ZodArray, z.core.$ZodArrayDef>('BoundedList', (list, def) => {
  initList(list, def);
  const parseAll = list._zod.parse.bind(list._zod);
  const { element } = def;
  list._zod.parse = (payload, context) => {
    const entries: unknown = payload.value;
    if (!Array.isArray(entries)) return parseAll(payload, context);
    const values: unknown[] = [];
    for (let index = 0; index < entries.length; index++) {
      const parsed = element._zod.run({ value: entries[index] as unknown, issues: [] }, context) as z.core.ParsePayload;
      if (parsed.issues.length > 0) {
        for (const issue of z.core.util.prefixIssues(index, parsed.issues)) payload.issues.push(issue);
        if (payload.issues.length < MISTAKES_MAX) continue;
        payload.issues.push(
          more(`the ${entries.length - index - 1} entries after this were not looked at`, entries, list),
        );
        break;
      }
      values.push(parsed.value);
    }
    payload.value = values;
    return payload;
  };
});

const BoundedMap = z.core.$constructor<z.ZodRecord, z.core.$ZodRecordDef>('BoundedMap', (map, def) => {
  initMap(map, def);
  const parseAll = map._zod.parse.bind(map._zod);
  map._zod.parse = (payload, context) => {
    const members: unknown = payload.value;
    const count = typeof members === 'object' && members !== null ? Object.keys(members).length : 0;
    if (count <= MISTAKES_MAX) return parseAll(payload, context);
    payload.issues.push(more(`at most ${MISTAKES_MAX} members are allowed here, these are ${count}`, members, map));
    return payload;
  };
});

function more(message: string, input: unknown, inst: z.core.$ZodType): z.core.$ZodRawIssue {
  return { code: 'custom', message, input, inst };
}

/** A list of params. */
export function list<Element extends z.ZodType>(element: Element): z.ZodArray<Element> {
  return new BoundedList({ type: 'array', element }) as unknown as z.ZodArray<Element>;
}

/** A map of params with any keys, at most a thousand. */
export function map<Value extends z.ZodType>(value: Value): z.ZodRecord<z.ZodString, Value> {
  return new BoundedMap({ type: 'record', keyType: z.string(), valueType: value }) as unknown as z.ZodRecord<
    z.ZodString,
    Value
  >;
}
