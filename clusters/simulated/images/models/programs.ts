import { nginxCommand } from './nginx/command.ts';
import type { ImageProgram } from './program.ts';
import { pgIsReady, psql } from './psql.ts';
import { redisCli } from './redis-cli.ts';

/** Programs of images that are modelled beside their servers, by repository and path. */
export const IMAGE_PROGRAMS: Readonly<Record<string, Readonly<Record<string, ImageProgram>>>> = {
  nginx: { '/usr/sbin/nginx': nginxCommand },
  redis: { '/usr/local/bin/redis-cli': redisCli },
  postgres: { '/usr/local/bin/psql': psql, '/usr/local/bin/pg_isready': pgIsReady },
};
