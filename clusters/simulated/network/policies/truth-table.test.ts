import { once } from 'node:events';
import type { Socket as Datagrams } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { impossible, startTestLab, type TestLab, whyNot } from '../../hosts/host-fixture.ts';
import type { Namespace, NetworkPolicy, Pod } from '../../kubernetes/model/generated/objects.ts';
import type { SandboxedPod } from '../../pods/sandbox.ts';
import { SupervisedSandboxes } from '../../pods/supervised-sandboxes.ts';
import { policyRules } from './policy-rules.ts';
import { type Conversation, isAllowed, type ModelPod, type ModelPolicy } from './traffic-model.ts';
import { ACTORS, CASES, NAMESPACES, PORTS } from './truth-table-cases.ts';

interface Actor extends ModelPod {
  readonly sandbox: SandboxedPod;
  /** Where its datagrams come from: no port that it listens on, lest they look like answers. */
  readonly sender: Datagrams;
}

const SENDER_PORT = 5000;
const LATE_MS = 20_000;

const toPod = ({ name, namespace, labels, address, node, named }: ModelPod): Pod =>
  ({
    metadata: { name, namespace, labels },
    spec: {
      containers: [
        { ports: Object.entries(named).map(([name, { port, protocol }]) => ({ name, protocol, containerPort: port })) },
      ],
    },
    status: { phase: 'Running', podIP: address, hostIP: node },
  }) as unknown as Pod;
const toPolicy = ({ namespace, ...spec }: ModelPolicy): NetworkPolicy =>
  ({ metadata: { name: 'p', namespace }, spec }) as unknown as NetworkPolicy;
const NAMESPACE_OBJECTS = Object.entries(NAMESPACES).map(
  ([name, labels]) => ({ metadata: { name, labels } }) as unknown as Namespace,
);

const lineOf = ({ from, to, protocol, port }: Conversation): string =>
  `${from.namespace ?? ''}/${from.name} > ${to.namespace ?? ''}/${to.name} ${protocol} ${port}`;

describe.skipIf(impossible)(`the truth table of NetworkPolicies${whyNot}`, () => {
  let lab: TestLab;
  let sandboxes: SupervisedSandboxes;
  const actors: Actor[] = [];
  /** Datagrams that have arrived, as `lineOf` spells conversations. */
  let arrived = new Set<string>();

  beforeAll(async () => {
    lab = await startTestLab([]);
    sandboxes = new SupervisedSandboxes(lab.set.supervisor);
    const plug = { node: '', gateway: '10.244.0.1' };
    for (const model of ACTORS) {
      const { name: hostname, address } = model;
      const sandbox = await sandboxes.makePod({ hostname, address, plug, node: '', shares: [] });
      for (const port of PORTS) {
        await sandbox.serve(port, (socket) => socket.destroy());
        (await sandbox.datagrams(port))?.on('message', (line) => arrived.add(String(line)));
      }
      const sender = await sandbox.datagrams(SENDER_PORT);
      if (sender === undefined) throw new Error(`${hostname} has no port to send from`);
      actors.push({ ...model, sandbox, sender });
    }
  }, LATE_MS);
  afterAll(() => lab[Symbol.asyncDispose]());

  /** Resolves when everything that was asked of the kernel before it has happened, and been told. */
  const roundTrip = async (): Promise<void> => {
    for (let i = 0; i < 2; i++) {
      const [first] = actors;
      const socket = await first?.sandbox.dial('127.0.0.1', 80, AbortSignal.timeout(LATE_MS));
      if (typeof socket === 'object') socket.destroy();
    }
  };

  /** Tries every conversation at once, and returns those that took place. A packet that is filtered away leaves no trace. */
  const talk = async (shouldTakePlace: (one: Conversation) => boolean): Promise<ReadonlySet<string>> => {
    arrived = new Set();
    const open = new Set<string>();
    const enough = new AbortController();
    const answered: Promise<void>[] = [];
    const ended: Promise<void>[] = [];
    for (const from of actors)
      for (const to of actors)
        for (const port of PORTS) {
          const line = lineOf({ from, to, protocol: 'UDP', port });
          from.sender.send(line, port, to.address);
          const one: Conversation = { from, to, protocol: 'TCP', port };
          const dialled = from.sandbox.dial(to.address, port, enough.signal).then((socket) => {
            if (typeof socket !== 'object') return;
            open.add(lineOf(one));
            socket.destroy();
          });
          (shouldTakePlace(one) ? answered : ended).push(dialled);
        }
    const late = AbortSignal.timeout(LATE_MS);
    await Promise.race([Promise.all(answered), once(late, 'abort')]);
    await roundTrip();
    enough.abort();
    await Promise.all([...answered, ...ended]);
    return new Set([...open, ...arrived]);
  };

  it.each(CASES)('$title', { timeout: LATE_MS + 5000 }, async ({ policies }) => {
    const pods = ACTORS.filter(({ namespace }) => namespace !== undefined).map(toPod);
    const world = { policies: policies.map(toPolicy), pods, namespaces: NAMESPACE_OBJECTS };
    await sandboxes.setRules('', policyRules(world));
    const allowed = (one: Conversation): boolean => isAllowed(one, policies, NAMESPACES);
    const took = await talk(allowed);
    const wrong = actors.flatMap((from) =>
      actors.flatMap((to) =>
        PORTS.flatMap((port) =>
          (['TCP', 'UDP'] as const).flatMap((protocol) => {
            const one = { from, to, protocol, port };
            const happened = took.has(lineOf(one));
            return happened === allowed(one) ? [] : [`${lineOf(one)}: ${happened ? 'passed' : 'lost'}`];
          }),
        ),
      ),
    );
    expect({ policies, wrong }).toEqual({ policies, wrong: [] });
  });
});
