import { expect, test } from 'vitest';
import { labIdFrom } from '../protocol/ids.ts';
import type { Backend, Lab, LabRequest, Seed } from './cluster.ts';
import { RenamedLab } from './renamed-lab.ts';
import { WarmBackend } from './warm-backend.ts';

const seedOf = (): Seed => ({ hosts: [], manifests: [], files: [] });

/** A backend whose labs only tell that they were made and have ended. */
function bare(failing: () => boolean = () => false) {
  const made: string[] = [];
  const alive = new Set<string>();
  const backend: Backend = {
    name: 'simulated',
    create({ id, signal }) {
      signal.throwIfAborted();
      if (failing()) return Promise.reject(new Error('no room'));
      made.push(id);
      alive.add(id);
      const end = () => Promise.resolve(void alive.delete(id));
      return Promise.resolve({ id, backend: 'simulated', [Symbol.asyncDispose]: end } as unknown as Lab);
    },
    handOver: (lab, id) => Promise.resolve(new RenamedLab(id, lab)),
    adopt: () => Promise.resolve([]),
    doctor: () => Promise.resolve([]),
  };
  return { backend, made, alive };
}

let bytes = 0;
const newId = () => labIdFrom(Buffer.alloc(10, (bytes += 1)));

function warmed(given = bare(), size = 2, rest: (signal: AbortSignal) => Promise<void> = () => Promise.resolve()) {
  const complaints: string[] = [];
  const backend = new WarmBackend(given.backend, { size, newId, log: (line) => complaints.push(line), rest });
  const ask = (seed: Seed, more: Partial<LabRequest> = {}) =>
    backend.create({ id: newId(), seed, progress: () => undefined, signal: new AbortController().signal, ...more });
  return { ...given, backend, complaints, ask };
}

test('the second lab of a seed was made ahead, and has the name by which it is asked for', async () => {
  const { ask, made, alive, backend } = warmed();
  const seed = seedOf();
  await ask(seed);
  const steps: string[] = [];
  const id = newId();
  const lab = await ask(seed, { id, progress: (step) => steps.push(step) });
  expect(lab.id).toBe(id);
  expect(made).not.toContain(id);
  expect(steps).toEqual(['taking a lab that was made ahead']);
  await backend.filled();
  const before = alive.size;
  await lab[Symbol.asyncDispose]();
  expect(alive.size).toBe(before - 1);
});

test('another seed gets no lab of the one before, whose spares end', async () => {
  const { ask, alive, backend } = warmed();
  const first = await ask(seedOf());
  const other = await ask(seedOf());
  await backend[Symbol.asyncDispose]();
  expect([...alive].toSorted()).toEqual([first.id, other.id].toSorted());
});

test('what nobody took ends with the backend', async () => {
  const { ask, alive, backend, made } = warmed();
  const seed = seedOf();
  const taken = await ask(seed);
  await ask(seed);
  await backend[Symbol.asyncDispose]();
  expect(made.length).toBeGreaterThan(1);
  expect(alive.has(taken.id)).toBe(true);
  expect(alive.size).toBe(2);
});

test('a spare that could not be made is told of, and who asks gets a lab or his own error', async () => {
  let full = false;
  const { ask, complaints } = warmed(bare(() => full));
  const seed = seedOf();
  await ask(seed);
  full = true;
  await expect(ask(seed)).rejects.toThrow('no room');
  expect(complaints).toContain('a lab made ahead: no room');
  full = false;
  await expect(ask(seed)).resolves.toBeDefined();
});

test('whoever gives up while a spare is on its way gets none, and it ends', async () => {
  const { ask, alive, backend } = warmed();
  const seed = seedOf();
  const first = await ask(seed);
  const giveUp = new AbortController();
  const asked = ask(seed, { signal: giveUp.signal });
  giveUp.abort(new Error('changed my mind'));
  await expect(asked).rejects.toThrow('changed my mind');
  await backend[Symbol.asyncDispose]();
  expect([...alive]).toEqual([first.id]);
});

test('a spare is made after a rest, or as soon as somebody waits for it', async () => {
  const rest = (signal: AbortSignal) =>
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  const { ask, made, backend } = warmed(bare(), 1, rest);
  const seed = seedOf();
  await ask(seed);
  expect(made).toHaveLength(1);
  await ask(seed);
  expect(made).toHaveLength(2);
  await backend[Symbol.asyncDispose]();
});
