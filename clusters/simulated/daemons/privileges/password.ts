import type { CommandCall } from '../../hosts/simulated-host.ts';

const MAX_PASSWORD = 1024;

/** Asks for a password on the caller's terminal, where it is not shown; undefined without a terminal, or when it was interrupted. */
export async function askPassword(call: CommandCall, prompt: string): Promise<string | undefined> {
  if (call.terminal === undefined) return undefined;
  call.terminal.takeKeys(() => undefined);
  await call.stdout(prompt);
  const typed = await new Promise<string | undefined>((resolve) => {
    let text = '';
    const take = (keys: Buffer): void => {
      for (const key of keys.toString('utf8')) {
        if (key === '\r' || key === '\n') return done(text);
        if (key === '\u0003' || key === '\u0004') return done(undefined);
        if (key === '\u007f' || key === '\b') text = text.slice(0, -1);
        else if (key === '\u0015') text = '';
        else if (text.length < MAX_PASSWORD) text += key;
      }
      return undefined;
    };
    const done = (answer: string | undefined): void => {
      call.stdin.off('data', take).pause(); // what comes next is for the program
      resolve(answer);
    };
    call.stdin.on('data', take).resume();
    call.stdin.once('close', () => done(undefined));
  });
  await call.stdout('\r\n');
  return typed;
}
