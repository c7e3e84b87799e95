import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { LabError, type Seed } from '../../clusters/cluster.ts';
import { type Check, ScenarioFile } from '../../protocol/scenario.ts';
import { compileCheck, type Judge } from '../checks/judge.ts';
import { isDirectory } from './read-tree.ts';
import { readSeed } from './seed.ts';

/** A scenario as it lies on disk, proven to be well formed. Immutable: results never share an object with it. */
export interface LoadedScenario {
  /** `scenarios/<id>` */
  readonly directory: string;
  readonly file: ScenarioFile;
  /** Markdown by task id. */
  readonly texts: ReadonlyMap<string, string>;
  readonly seed: Seed;
  readonly submissions: readonly ProofSubmission[];
  /** Compiled expectations by `task/check`. */
  readonly judges: ReadonlyMap<string, Judge>;
}

/** A submission that comes with the scenario, to prove it. */
export interface ProofSubmission {
  readonly role: 'solution' | 'also-right' | 'wrong';
  /** `solution`, `also-right/<name>` or `wrong/<name>`. */
  readonly name: string;
  readonly directory: string;
  /** `task/check` that must not pass; empty unless it is wrong. */
  readonly misses: readonly string[];
}

/**
 * The ids of the scenarios under a directory, in name order: its folders that hold a `scenario.yaml`.
 * Throws `LabError` when there is no such directory.
 */
export async function listScenarios(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    throw new LabError(
      `the scenarios in ${directory} cannot be read: ${cause.code ?? cause.message}`,
      'Name a directory that holds <id>/scenario.yaml.',
      { cause },
    );
  });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const found = await Promise.all(names.map((name) => readText(join(directory, name, 'scenario.yaml'))));
  return names.filter((_, i) => found[i] !== undefined).sort();
}

/**
 * Reads `<directory>/<id>/`: scenario.yaml, tasks/<task>.md, seed/, solution/, also-right/*, wrong/*.
 * Throws `LabError` for an unknown scenario (with the names of the known ones) and for a broken file (the file, the place in it and
 * what is wrong there); an expectation that does not compile is a broken file.
 */
export async function loadScenario(directory: string, id: string): Promise<LoadedScenario> {
  const known = await listScenarios(directory);
  if (!known.includes(id)) {
    throw new LabError(
      `there is no scenario "${id}" in ${directory}`,
      `Choose one of: ${known.join(', ') || '(none)'}.`,
    );
  }
  const folder = join(directory, id);
  const path = join(folder, 'scenario.yaml');
  const file = parseScenario((await readText(path)) ?? '', path);
  if (file.id !== id) throw broken(path, `id: is "${file.id}", but the folder is "${id}"`);

  const judges = new Map<string, Judge>();
  for (const task of file.tasks) {
    for (const check of [...task.checks, ...task.guards])
      judges.set(`${task.id}/${check.id}`, judgeOf(task.id, check, path));
  }
  const texts = new Map<string, string>();
  for (const task of file.tasks) {
    const textPath = join(folder, 'tasks', `${task.id}.md`);
    const text = await readText(textPath);
    if (text === undefined || text.trim() === '') throw broken(textPath, `the task "${task.id}" has no text`);
    texts.set(task.id, text);
  }
  return {
    directory: folder,
    file,
    texts,
    seed: await readSeed(join(folder, 'seed'), file),
    submissions: await findSubmissions(folder, file),
    judges,
  };
}

function parseScenario(text: string, path: string): ScenarioFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) throw broken(path, error.message);
  const parsed = ScenarioFile.safeParse(document.toJS());
  if (!parsed.success) {
    throw broken(
      path,
      parsed.error.issues.map((issue) => `${z.core.toDotPath(issue.path)}: ${issue.message}`).join('; '),
    );
  }
  return parsed.data;
}

function judgeOf(task: string, check: Check, path: string): Judge {
  const compiled = compileCheck(check);
  if (compiled.outcome === 'broken') throw broken(path, `${task}/${check.id}: ${compiled.where}: ${compiled.reason}`);
  return compiled.judge;
}

async function findSubmissions(folder: string, file: ScenarioFile): Promise<readonly ProofSubmission[]> {
  const submissions: ProofSubmission[] = [];
  if (await isDirectory(join(folder, 'solution'))) {
    submissions.push({ role: 'solution', name: 'solution', directory: join(folder, 'solution'), misses: [] });
  } else if (file.tasks.length > 0) {
    throw broken(join(folder, 'solution'), 'a scenario with tasks needs a solution, else nothing proves it');
  }
  for (const name of await folders(join(folder, 'also-right'))) {
    const directory = join(folder, 'also-right', name);
    submissions.push({ role: 'also-right', name: `also-right/${name}`, directory, misses: [] });
  }
  const wrong = await folders(join(folder, 'wrong'));
  for (const name of Object.keys(file.wrong).filter((name) => !wrong.includes(name))) {
    throw broken(join(folder, 'scenario.yaml'), `wrong.${name}: there is no folder wrong/${name}`);
  }
  for (const name of wrong) {
    const misses = file.wrong[name];
    if (misses === undefined) throw broken(join(folder, 'wrong', name), 'scenario.yaml does not say what it misses');
    submissions.push({ role: 'wrong', name: `wrong/${name}`, directory: join(folder, 'wrong', name), misses });
  }
  return submissions;
}

async function folders(directory: string): Promise<readonly string[]> {
  if (!(await isDirectory(directory))) return [];
  const entries = await readdir(directory, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function broken(path: string, what: string): LabError {
  return new LabError(`${path}: ${what}`, 'Correct the file of the scenario.');
}
