#!/usr/bin/env node
/** The composition root: arguments → a command. */
import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { UsageError } from './commands/errors.ts';
import { indexCommand } from './commands/index-logs.ts';
import { serveCommand } from './commands/serve.ts';

// Whoever reads our output may stop before its end (`| head`): nothing is wrong then, and there is nobody to tell.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

const program = new Command('kubeprovenance')
  .description(
    'git log, diff, bisect and blame for every object of a Kubernetes cluster, from the audit log that kube-apiserver writes.',
  )
  .version(packageJson.version)
  .showHelpAfterError('(--help says more)')
  .addCommand(serveCommand())
  .addCommand(indexCommand());

try {
  await program.parseAsync();
} catch (error) {
  if (!isExpected(error)) throw error;
  process.stderr.write(`kubeprovenance: ${error.message}\n`);
  process.exitCode = error instanceof UsageError ? error.exitCode : 1;
}

/** Errors with a stable code and a message that says what to do; anything else is a fault of ours and shows its stack. */
function isExpected(error: unknown): error is Error {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    !error.code.startsWith('ERR_')
  );
}
