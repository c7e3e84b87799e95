import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { grade } from '../grader/grade.ts';
import { renderCsv } from '../grader/report/csv.ts';
import { renderJson } from '../grader/report/json.ts';
import { renderJunit } from '../grader/report/junit.ts';
import { renderMarkdown } from '../grader/report/markdown.ts';
import { type NamedReport, isComplete } from '../grader/report/submission-report.ts';
import { renderText } from '../grader/report/text.ts';
import { loadScenario } from '../grader/scenario/load.ts';
import { Slots } from '../grader/slots.ts';
import { applySubmission } from '../grader/submission.ts';
import { labIdFrom } from '../protocol/ids.ts';
import { backendOf } from './backends.ts';
import type { CommandContext } from './context.ts';
import { Failure } from './failure.ts';
import { provide } from './setup/needs.ts';
import { scenarioDirectory } from './scenarios.ts';

interface GradeOptions {
  readonly scenario: string;
  readonly backend: string;
  readonly format: 'text' | 'json' | 'junit' | 'csv' | 'markdown';
  readonly jobs: number;
}

function parseJobs(text: string): number {
  const jobs = Number(text);
  if (!/^\d{1,2}$/.test(text) || jobs === 0) throw new InvalidArgumentError('jobs are a number from 1 to 99');
  return jobs;
}

/** `breachlab grade`: each submission in a fresh lab of its own. Exit status 0 only when all of them pass. */
export const gradeCommand = (context: CommandContext): Command =>
  new Command('grade')
    .description('grade submissions, each in a fresh lab')
    .argument('<submission...>', 'folders with fix.sh, manifests/ or hosts/<host>/…')
    .requiredOption('--scenario <id>', 'what they are to fix')
    .option('--backend <name>', 'simulated or kind', 'simulated')
    .addOption(
      new Option('--format <format>', 'of the report on standard output')
        .choices(['text', 'json', 'junit', 'csv', 'markdown'])
        .default('text'),
    )
    .option('--jobs <number>', 'labs at once', parseJobs, 2)
    .action(async (submissions: string[], { scenario: id, backend: backendName, format, jobs }: GradeOptions) => {
      const { signal, stderr, stdout, random } = context;
      const scenario = await loadScenario(scenarioDirectory(context), id);
      const backend = backendOf(context, backendName);
      await provide(['hosts', 'clients'], context);
      const slots = new Slots(jobs);
      const gradeOne = async (directory: string): Promise<NamedReport> => {
        await using lab = await backend.create({
          id: labIdFrom(random(10)),
          seed: scenario.seed,
          progress: () => undefined,
          signal,
        });
        const applied = await applySubmission(directory, lab, signal).catch((error: unknown) => error);
        const report = await grade({ scenario, lab, signal });
        const problem = applied instanceof Error ? applied.message : undefined;
        stderr.write(`${basename(directory)}: ${report.score.earned} of ${report.score.total}\n`);
        return { name: basename(directory), report, problem };
      };
      const reports = await Promise.all(submissions.map((directory) => slots.run(() => gradeOne(directory), signal)));
      stdout.write(rendered(format, reports, stdout.isTTY));
      if (!reports.every(isComplete)) throw new Failure(1);
    });

function rendered(format: GradeOptions['format'], reports: readonly NamedReport[], colour: boolean): string {
  switch (format) {
    case 'json':
      return renderJson(reports);
    case 'junit':
      return renderJunit(reports);
    case 'csv':
      return renderCsv(reports);
    case 'markdown':
      return renderMarkdown(reports);
    case 'text':
      return reports.map(({ name, report }) => `${name}\n${renderText(report, { colour })}`).join('\n');
    default:
      return format satisfies never;
  }
}
