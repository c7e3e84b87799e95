import { setTimeout as after } from 'node:timers/promises';
import { type BenchSetup, createLab, loadBreach, shellAtPrompt } from './bench-setup.ts';
import { WarmBackend } from '../clusters/warm-backend.ts';
import type { LoadedScenario } from '../grader/scenario/load.ts';
import { labIdFrom } from '../protocol/ids.ts';
import { timeOfKindAlone } from './kind-alone.ts';
import { type BenchRow, rowOf } from './row.ts';

const LABS = 50;
/** A cluster takes a minute. */
const KIND_LABS = 3;

/**
 * Between one lab and the next, in milliseconds: the kernel takes the networks of a lab apart after it said that its processes are gone, and
 * what a start takes of a machine that does nothing else is the question.
 */
const REST_MS = 200;

const labsOf = ({ labs, kindAlone }: BenchSetup): number => labs ?? (kindAlone === undefined ? LABS : KIND_LABS);

/**
 * From the request for a seeded lab to a prompt on its workstation, one lab after another and a rest between them, the first one apart. On kind each lab has a
 * `kind create cluster` of the same image before it, in the same run of the same machine.
 */
export async function* benchLabStart(setup: BenchSetup): AsyncGenerator<BenchRow> {
  const scenario = await loadBreach(setup);
  const alone: number[] = [];
  const readies: number[] = [];
  const prompts: number[] = [];
  for (let i = 0; i <= labsOf(setup); i++) {
    if (i > 0 && setup.kindAlone !== undefined) alone.push(await timeOfKindAlone(setup.kindAlone, setup));
    await after(REST_MS);
    const began = performance.now();
    await using lab = await createLab(setup, scenario);
    const ready = performance.now();
    await using _shell = await shellAtPrompt(await lab.host('workstation'), 'bench');
    const prompt = performance.now();
    if (i === 0) {
      yield rowOf('lab-start-first', 'ms', [prompt - began]);
      continue;
    }
    readies.push(ready - began);
    prompts.push(prompt - began);
  }
  yield rowOf('lab-ready', 'ms', readies);
  if (alone.length > 0) {
    yield rowOf('kind-create-cluster', 'ms', alone);
    const ratios = readies.map((ready, i) => ready / (alone[i] ?? Number.NaN));
    yield rowOf('lab-ready-to-kind-create-cluster', 'times', ratios);
  }
  yield rowOf('lab-start', 'ms', prompts);
  yield rowOf('lab-start-warm', 'ms', await warmStarts(setup, scenario));
}

/** The same of labs that were made ahead, asked for when the next one is ready. */
async function warmStarts(setup: BenchSetup, scenario: LoadedScenario): Promise<number[]> {
  const newId = () => labIdFrom(setup.random(10));
  await using warm = new WarmBackend(setup.backend, { size: 1, newId, log: () => undefined });
  const prompts: number[] = [];
  for (let i = 0; i <= labsOf(setup); i++) {
    const began = performance.now();
    await using lab = await createLab({ ...setup, backend: warm }, scenario);
    await using _shell = await shellAtPrompt(await lab.host('workstation'), 'bench');
    if (i > 0) prompts.push(performance.now() - began);
    await warm.filled();
  }
  return prompts;
}
