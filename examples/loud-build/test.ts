// Fails at its first attempt, as a test does that depends on the time of day.
console.log('running 2 tests');
if (process.argv[2] === '1') {
  console.error('\u001B[31mfailed\u001B[0m  the clock was late');
  process.exit(1);
}
console.log('2 tests passed');
