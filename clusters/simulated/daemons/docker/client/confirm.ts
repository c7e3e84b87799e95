import type { DockerRequest } from './verb.ts';

/** What is typed after a question is read no further than this, bytes. */
const MAX_ANSWER = 64;

/** Whether the caller means it: `--force`, or `y` to docker's question (docker/cli cli/command/utils.go, PromptForConfirmation). */
export async function isConfirmed({ call, flags }: DockerRequest, warning: string): Promise<boolean> {
  if (flags.has('force')) return true;
  await call.stdout(`${warning}\nAre you sure you want to continue? [y/N] `);
  let said = '';
  for await (const chunk of call.stdin as AsyncIterable<Buffer>) {
    said += String(chunk);
    if (said.includes('\n') || said.length > MAX_ANSWER) break;
  }
  return /^y\s*$/i.test(said.split('\n')[0] ?? '');
}
