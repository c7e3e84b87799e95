import { stringify } from 'yaml';
import { renderTemplate } from '../go-template/render.ts';
import { lastOption } from '../command-line.ts';
import { CrictlError, type CriRequest } from './verb.ts';

/** Objects with their keys in order, as Go writes maps. */
export function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, inOrder(one)]),
  );
}

/** Prints a value as `-o` says; false where it says nothing that is not for the command itself to print. */
export async function printAs({ call }: CriRequest, format: string, value: unknown, template = ''): Promise<void> {
  if (format === 'json') await call.stdout(`${JSON.stringify(value, undefined, 2)}\n`);
  else if (format === 'yaml') await call.stdout(`${stringify(value)}\n`);
  else if (format === 'go-template') await call.stdout(`${renderTemplate(template, value, { missing: 'no value' })}\n`);
  else throw new CrictlError(`unsupported format: ${JSON.stringify(format)}`);
}

/** Prints what was inspected: one alone as it is, several as a list (cri-tools cmd/crictl/util.go outputStatusData). */
export async function printStatuses(request: CriRequest, statuses: readonly object[]): Promise<number> {
  const { options } = request;
  const whole = inOrder(statuses.length === 1 ? statuses[0] : statuses);
  const format = lastOption(options, 'output') ?? 'json';
  if (format === 'table')
    throw new CrictlError('not simulated: crictl inspect -o table; there are json, yaml and go-template');
  await printAs(request, format, whole, lastOption(options, 'template'));
  return 0;
}
