import { type Instruction, parseDockerfile } from '../../../images/dockerfile.ts';
import type { Misconfiguration, MisconfigurationCheck } from './misconfiguration.ts';

interface DockerfileCheck extends MisconfigurationCheck {
  readonly find: (instructions: readonly Instruction[]) => readonly Omit<Misconfiguration, 'check'>[];
}

const check = (
  number: string,
  severity: MisconfigurationCheck['severity'],
  title: string,
  description: string,
  find: DockerfileCheck['find'],
): DockerfileCheck => ({ id: `AVD-DS-${number}`, severity, title, description, find });

/** Each instruction of that name of which something is said. */
const each =
  (name: string, say: (value: string, all: readonly Instruction[]) => string | undefined): DockerfileCheck['find'] =>
  (all) =>
    all
      .filter((one) => one.name === name)
      .flatMap(({ value, lines }) => {
        const message = say(value, all);
        return message === undefined ? [] : [{ message, lines }];
      });

const commands = (value: string): readonly string[] => value.split(/&&|\|\||;|\|/).map((one) => one.trim());

/** Later stages may begin from earlier ones, which have no tags. */
function untagged(value: string, all: readonly Instruction[]): string | undefined {
  const image = value.replace(/--\w+=\S+\s+/g, '').split(/\s+/)[0] ?? '';
  const stages = all.flatMap((one) => (one.name === 'FROM' ? (/\sAS\s+(\S+)$/i.exec(one.value)?.[1] ?? []) : []));
  if (image === 'scratch' || image.startsWith('$') || image.includes('@') || stages.includes(image)) return undefined;
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest'
    ? `Specify a tag in the 'FROM' statement for image '${image.replace(/:latest$/, '')}'`
    : undefined;
}

/** A part of trivy's Dockerfile checks with their ids, severities and texts (trivy-checks, checks/docker). */
export const DOCKERFILE_CHECKS: readonly DockerfileCheck[] = [
  check(
    '0001',
    'MEDIUM',
    "':latest' tag used",
    "When using a 'FROM' statement you should use a specific tag to avoid uncontrolled behavior when the image is updated.",
    each('FROM', untagged),
  ),
  check(
    '0002',
    'HIGH',
    "Image user should not be 'root'",
    "Running containers with 'root' user can lead to a container escape situation. It is a best practice to run containers as non-root users, which can be done by adding a 'USER' statement to the Dockerfile.",
    (all) => {
      const last = all.findLast(({ name }) => name === 'USER');
      if (last === undefined)
        return [
          { message: 'Specify at least 1 USER command in Dockerfile with non-root user as argument', lines: undefined },
        ];
      return /^(root|0)(:|$)/.test(last.value)
        ? [{ message: `Last USER command in Dockerfile should not be '${last.value}'`, lines: last.lines }]
        : [];
    },
  ),
  check(
    '0004',
    'MEDIUM',
    'Port 22 exposed',
    'Exposing port 22 might allow users to SSH into the container.',
    each('EXPOSE', (value) =>
      value.split(/\s+/).some((port) => /^22(\/tcp)?$/.test(port))
        ? 'Port 22 should not be exposed in Dockerfile'
        : undefined,
    ),
  ),
  check(
    '0005',
    'LOW',
    'ADD instead of COPY',
    'You should use COPY instead of ADD unless you want to extract a tar file. Note that an ADD command will extract a tar file, which adds the risk of Zip-based vulnerabilities. Accordingly, it is advised to use a COPY command, which does not extract tar files.',
    each('ADD', (value) =>
      /\.tar|https?:\/\/|git@/.test(value)
        ? undefined
        : `Consider using 'COPY ${value}' command instead of 'ADD ${value}'`,
    ),
  ),
  check(
    '0010',
    'CRITICAL',
    "RUN using 'sudo'",
    "Avoid using 'RUN' with 'sudo' commands, as it can lead to unpredictable behavior.",
    each('RUN', (value) =>
      commands(value).some((one) => one.startsWith('sudo '))
        ? "Using 'sudo' in Dockerfile should be avoided"
        : undefined,
    ),
  ),
  check(
    '0017',
    'HIGH',
    "'RUN <package-manager> update' instruction alone",
    "The instruction 'RUN <package-manager> update' should always be followed by '<package-manager> install' in the same RUN statement.",
    each('RUN', (value) =>
      commands(value).some((one) => /^(apt-get|apt|yum|apk)( -\S+)* update\b/.test(one)) &&
      !/\b(install|add|upgrade)\b/.test(value)
        ? "The instruction 'RUN <package-manager> update' should always be followed by '<package-manager> install' in the same RUN statement."
        : undefined,
    ),
  ),
  check(
    '0025',
    'HIGH',
    "'apk add' is missing '--no-cache'",
    "You should use 'apk add' with '--no-cache' to clean package cached data and reduce image size.",
    each('RUN', (value) => {
      const add = commands(value).find((one) => /^apk\b.*\badd\b/.test(one) && !one.includes('--no-cache'));
      return add === undefined ? undefined : `'--no-cache' is missed: ${value}`;
    }),
  ),
  check(
    '0026',
    'LOW',
    'No HEALTHCHECK defined',
    'You should add HEALTHCHECK instruction in your docker container images to perform the health check on running containers.',
    (all) =>
      all.some(({ name }) => name === 'HEALTHCHECK')
        ? []
        : [{ message: 'Add HEALTHCHECK instruction in your Dockerfile', lines: undefined }],
  ),
  check(
    '0029',
    'HIGH',
    "'apt-get' missing '--no-install-recommends'",
    "'apt-get' install should use '--no-install-recommends' to minimize image size.",
    each('RUN', (value) => {
      const install = commands(value).find(
        (one) => /^apt-get\b.*\binstall\b/.test(one) && !one.includes('--no-install-recommends'),
      );
      return install === undefined ? undefined : `'--no-install-recommends' flag is missed: '${value}'`;
    }),
  ),
  check(
    '0031',
    'CRITICAL',
    'Secrets passed via `build-args` or envs or copied secret files',
    'Passing secrets via `build-args` or envs or copying secret files can leak them out',
    (all) =>
      all
        .filter(({ name }) => name === 'ENV' || name === 'ARG')
        .flatMap(({ name, value, lines }) => {
          const variable = /^([\w-]+)/.exec(value)?.[1] ?? '';
          return /passw(or)?d|secret|token|api_?key|private_?key/i.test(variable)
            ? [{ message: `Possible exposure of secret env "${variable}" in ${name}`, lines }]
            : [];
        }),
  ),
];

export function dockerfileMisconfigurations(text: string): readonly Misconfiguration[] {
  const instructions = parseDockerfile(text);
  return DOCKERFILE_CHECKS.flatMap(({ find, ...check }) => find(instructions).map((found) => ({ check, ...found })));
}
