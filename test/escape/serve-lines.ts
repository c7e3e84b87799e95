import type { HostName } from '../../protocol/host.ts';
import { startTestLab } from '../../clusters/simulated/hosts/host-fixture.ts';
import { type Answer, type Order, WHOLE } from './lab-of-user.ts';
import { labToRuin } from './ruined-lab.ts';

/**
 * For lab-of-user.ts, which runs it as another user: a lab of the hosts that are named, or a whole one, whose lines come from the parent
 * process.
 */
const words = process.argv.slice(2);
const lab = words[0] === WHOLE ? await labToRuin() : await startTestLab(words as HostName[]);
process.on('message', ({ id, host, line }: Order) => {
  lab.sh(host, line).then(
    (said) => process.send?.({ id, said } satisfies Answer),
    (error: unknown) => process.send?.({ id, said: String(error) } satisfies Answer),
  );
});
process.once('disconnect', () => void lab[Symbol.asyncDispose]());
process.send?.('ready');
