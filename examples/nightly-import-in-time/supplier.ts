/** A supplier who is only pretended. */
import { FatalError } from '@coppice/extension';

export function login({ key }: { key: string }) {
  // Nothing that comes after it can work, so the run ends at once. Another try would only lock the account.
  if (key === 'revoked') throw new FatalError('The supplier has taken the key back', { code: 'supplier/key' });
  return { session: `${key}-1` };
}
