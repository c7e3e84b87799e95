import { Command } from 'commander';
import { LabError } from '../clusters/cluster.ts';
import type { LabSummary } from '../protocol/api.ts';
import type { Report } from '../protocol/report.ts';
import type { CommandContext } from './context.ts';
import { Failure } from './failure.ts';
import { labRunCommand } from './lab-run.ts';
import { toldSteps } from './told-steps.ts';

interface Json {
  readonly json?: true;
}

const labPath = (id: string): string => `/api/labs/${encodeURIComponent(id)}`;

const textOf = async (report: Report, colour: boolean): Promise<string> =>
  (await import('../grader/report/text.ts')).renderText(report, { colour });

/** Loaded when a command runs: the protocol's schemas take longer to load than all the commands' words. */
const client = () => import('./server-client.ts');

const described = ({ id, scenario, backend, status }: LabSummary): string =>
  `${id}  ${scenario}  ${backend}  ${status.state}${status.state === 'failed' ? `: ${status.problem.detail}` : ''}`;

/** `breachlab lab …`: labs of the server that `breachlab up` of this user runs; `run` alone needs no server. */
export function labCommand(context: CommandContext): Command {
  const { stdout, stderr, signal, colour } = context;
  const print = (value: unknown, json: true | undefined, text: string): void => {
    stdout.write(json === true ? `${JSON.stringify(value, null, 2)}\n` : text === '' ? '' : `${text}\n`);
  };
  const lab = new Command('lab')
    .description('labs of a running server, and one-command labs')
    .enablePositionalOptions();

  lab
    .command('create')
    .description('start a lab and wait until it is ready')
    .option('--scenario <id>', 'what to seed', 'breach')
    .option('--json', 'the lab as JSON')
    .action(async ({ scenario, json }: Json & { scenario: string }) => {
      const { createLab, findServer, untilReady } = await client();
      const server = await findServer(context);
      const { id } = await createLab(server, { scenario });
      const ready = await untilReady(server, id, signal, toldSteps(stderr));
      print(ready, json, described(ready));
    });

  lab
    .command('list')
    .description('the labs there are')
    .option('--json', 'an array')
    .action(async ({ json }: Json) => {
      const { findServer, listLabs } = await client();
      const labs = await listLabs(await findServer(context));
      print(
        labs,
        json,
        labs.length === 0 ? 'No labs. Start one: ./breachlab lab create' : labs.map(described).join('\n'),
      );
    });

  lab
    .command('check')
    .description('grade a lab; exit status 0 only when everything passes')
    .argument('<lab>')
    .option('--task <id>', 'that task alone')
    .option('--json', 'the report as JSON')
    .action(async (id: string, { json, task }: Json & { task?: string }) => {
      const { findServer, gradeLab } = await client();
      let report: Report | undefined;
      let done = 0;
      let checks = 0;
      for await (const event of gradeLab(await findServer(context), id, task)) {
        if (event.type === 'problem') {
          throw new LabError(event.problem.detail, event.problem.nextStep ?? 'Try again.');
        }
        if (event.type === 'started') checks = event.checks;
        if (event.type === 'check' && stderr.isTTY) stderr.write(`\r${(done += 1)} of ${checks} checks`);
        if (event.type === 'report') report = event.report;
      }
      if (stderr.isTTY) stderr.write('\r\u001b[2K');
      if (report === undefined) throw new LabError('The server ended before the report.', 'Run the check again.');
      print(report, json, await textOf(report, colour));
      if (report.score.earned < report.score.total) throw new Failure(1);
    });

  lab
    .command('reset')
    .description('back to the seed')
    .argument('<lab>')
    .option('--json', 'the lab as JSON')
    .action(async (id: string, { json }: Json) => {
      const { ask, findServer, untilReady } = await client();
      const server = await findServer(context);
      await ask(server, 'POST', `${labPath(id)}/reset`);
      const ready = await untilReady(server, id, signal, toldSteps(stderr));
      print(ready, json, described(ready));
    });

  lab
    .command('delete')
    .description('take a lab down')
    .argument('<lab>')
    .option('--json', 'an object')
    .action(async (id: string, { json }: Json) => {
      const { ask, findServer } = await client();
      await ask(await findServer(context), 'DELETE', labPath(id));
      print({ id, deleted: true }, json, `${id} is gone`);
    });

  lab
    .command('show')
    .description('a lab, its tasks and its last report')
    .argument('<lab>')
    .option('--json', 'everything')
    .action(async (id: string, { json }: Json) => {
      const { findServer, showLab } = await client();
      const detail = await showLab(await findServer(context), id);
      const last = detail.lastReport === null ? 'not checked yet' : await textOf(detail.lastReport, colour);
      print(detail, json, `${described(detail)}\n${last}`);
    });

  lab
    .command('kubeconfig')
    .description('the administrator’s kubeconfig, for tools on this machine')
    .argument('<lab>')
    .option('--json', 'an object with the text')
    .action(async (id: string, { json }: Json) => {
      const { ask, findServer } = await client();
      const text = await (await ask(await findServer(context), 'GET', `${labPath(id)}/kubeconfig`)).text();
      print({ id, kubeconfig: text }, json, text.trimEnd());
    });

  lab
    .command('shell')
    .description('a terminal on a host of the lab; it goes on when you detach with Ctrl-\\')
    .argument('<lab>')
    .argument('[host]', 'workstation, controlplane, node01, bastion or internet', 'workstation')
    .option('--terminal <id>', 'the name under which to find it again', 'cli')
    .action(async (id: string, host: string, { terminal }: { terminal: string }) => {
      const [{ attachShell }, { findServer }] = await Promise.all([import('./lab-shell.ts'), client()]);
      const exitCode = await attachShell(await findServer(context), { lab: id, host, terminal }, context);
      if (exitCode !== 0) throw new Failure(exitCode);
    });

  lab.addCommand(labRunCommand(context));
  return lab;
}
