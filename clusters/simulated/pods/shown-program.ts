import type { Image } from '../images/image.ts';

/** How a process is seen whose program is only modelled. */
export interface ShownProgram {
  /** A path, or a name to be found on the container's PATH. */
  readonly program: string;
  /** What `ps` shows. */
  readonly words: readonly string[];
}

/** What servers make of their own words once they serve. */
const TITLES: Readonly<Record<string, (words: readonly string[]) => Partial<ShownProgram>>> = {
  // ngx_setproctitle, src/os/unix/ngx_process_cycle.c
  nginx: (words) => ({ words: [`nginx: master process ${words.join(' ')}`] }),
  // docker-library/httpd, httpd-foreground
  'httpd-foreground': ([, ...rest]) => ({ program: 'httpd', words: ['httpd', '-DFOREGROUND', ...rest] }),
  // redis, src/server.c redisSetProcTitle: the server's address where nothing says another
  'redis-server': (words) => (words.length === 1 ? { words: ['redis-server *:6379'] } : {}),
};

/** How the process of an image's own server is seen, which `argv` starts: the images' entrypoints, which are scripts, execute it. */
export function shownProgram(argv: readonly string[], image: Image): ShownProgram {
  const isScript = nameOf(argv[0]) === 'docker-entrypoint.sh' && argv.length > 1;
  const own = isScript ? argv.slice(1) : argv;
  const words = own.length > 0 ? own : [`/${nameOf(image.repository)}`];
  const [program = ''] = words;
  return { program, words, ...TITLES[nameOf(program)]?.(words) };
}

const nameOf = (path = ''): string => path.slice(path.lastIndexOf('/') + 1);
