/** The value below which a share of the sorted values lies, interpolated. NaN for none. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** In ascending order, in place of a comparator at every call. */
export function sorted(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}
