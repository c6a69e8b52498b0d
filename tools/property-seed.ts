/**
 * Loaded before each test file. Properties draw the same values in every `npm test`, so that what passes here passes elsewhere;
 * `npm run explore` gives each round a seed of its own.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['COPPICE_PROPERTY_SEED'] ?? 1) });
