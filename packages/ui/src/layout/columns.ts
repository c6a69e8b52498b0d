/** In which column of its group each member stands: one to the right of the last of those that it waits for. */

export type Link = readonly [from: number, to: number];

export interface Columns {
  /** By member, from 0. */
  readonly columnOf: readonly number[];
  /** Places of links that lead back: groups whose members wait for each other can not all stand to the right of what they wait for. */
  readonly back: ReadonlySet<number>;
}

/** `count`: how many members there are. A circle is cut at the member that is declared first. */
export function columnsOf(count: number, links: readonly Link[]): Columns {
  const columnOf = Array.from({ length: count }, () => 0);
  const outgoing: number[][] = columnOf.map(() => []);
  const waitsFor = columnOf.map(() => 0);
  const back = new Set<number>();
  for (const [index, [from, to]] of links.entries()) {
    outgoing[from]?.push(index);
    waitsFor[to] = (waitsFor[to] ?? 0) + 1;
  }
  const isPlaced = columnOf.map(() => false);
  const ready = columnOf.flatMap((_, member) => (waitsFor[member] === 0 ? [member] : []));
  let next = 0;
  for (let placed = 0; placed < count; placed += 1) {
    let member = ready[placed];
    if (member === undefined) {
      while (isPlaced[next] === true) next += 1;
      member = next;
      ready.push(member);
    }
    isPlaced[member] = true;
    for (const index of outgoing[member] ?? []) {
      const to = links[index]?.[1] ?? 0;
      if (isPlaced[to] === true) {
        back.add(index);
        continue;
      }
      columnOf[to] = Math.max(columnOf[to] ?? 0, (columnOf[member] ?? 0) + 1);
      waitsFor[to] = (waitsFor[to] ?? 0) - 1;
      if (waitsFor[to] === 0) ready.push(to);
    }
  }
  return { columnOf, back };
}
