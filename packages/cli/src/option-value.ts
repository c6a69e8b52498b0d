/** Readers of option values. */
import { InvalidArgumentError, Option } from 'commander';

/** A whole number, not negative. */
export function integer(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

/** Repeated options become a list. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** Option of the commands that read a definition. */
export function useOutsideOption(): Option {
  return new Option('--use-outside', 'let "use" in the definition name files outside of its folder');
}
