/** The baseline: split2 and JSON.parse on every line, and nothing else. Prints how many lines parsed. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import split2 from 'split2';

const [, , path = ''] = process.argv;
let count = 0;
await pipeline(
  createReadStream(path, { highWaterMark: 1024 * 1024 }),
  split2('\n', (line) => JSON.parse(line)),
  async (values: AsyncIterable<unknown>) => {
    for await (const value of values) count += Number(value !== null);
  },
);
process.stdout.write(`${count}\n`);
