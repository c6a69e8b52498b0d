// Counts the warnings in what the build printed.
import { text } from 'node:stream/consumers';

const lines = (await text(process.stdin)).split('\n');
console.log(lines.filter((line) => line.includes('warning')).length);
