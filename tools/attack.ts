/**
 * Attacks a server of its own: `npm run attack` sends 50,000 hostile requests, `-- --requests N --seed S --only NAME` as many others, or one
 * wave. Prints a line per wave, and ends with 1 when something happened that should not.
 */
import { parseArgs } from 'node:util';
import { attack } from './attack/attack.ts';
import { WAVES } from './attack/waves.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '50000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});

const report = await attack({
  requests: Number(values.requests),
  seed: Number(values.seed),
  waves: WAVES.filter(({ name }) => name.includes(values.only)),
  onWave: ({ name, requests, answers, worstProbeMs }) =>
    console.log(`${name}: ${requests} requests, worst probe ${worstProbeMs} ms, ${JSON.stringify(answers)}`),
});
console.log(`${report.requests} requests, ${report.probes} probes, ${report.peakMemoryMiB} MiB at most`);
for (const complaint of report.complaints) console.error(complaint);
process.exitCode = report.complaints.length === 0 ? 0 : 1;
