// Evaluates each line of standard input and prints the value: in Node and in Deno.
import { createInterface } from 'node:readline';
import { stdin, stdout } from 'node:process';
import { runInThisContext } from 'node:vm';

createInterface({ input: stdin }).on('line', (line) => stdout.write(`${runInThisContext(line)}\n`));
