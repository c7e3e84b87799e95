import { type BenchSetup, createLab, loadBreach, shellAtPrompt } from './bench-setup.ts';
import { type BenchRow, rowOf } from './row.ts';

const LABS = 30;

/** From the request for a seeded lab to a prompt on its workstation, one lab after another, the first one apart. */
export async function* benchLabStart(setup: BenchSetup): AsyncGenerator<BenchRow> {
  const scenario = await loadBreach(setup);
  const readies: number[] = [];
  const prompts: number[] = [];
  for (let i = 0; i <= (setup.labs ?? LABS); i++) {
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
  yield rowOf('lab-start', 'ms', prompts);
}
