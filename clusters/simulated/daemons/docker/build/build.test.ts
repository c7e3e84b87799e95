import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, whyNot } from '../../../hosts/host-fixture.ts';
import { type DockerLab, startDockerLab } from '../test-docker-lab.ts';

const APP = `FROM alpine:3.20
ARG GREETING=hello
ENV MOOD="very good" SECRET=hush
LABEL maintainer=shop
WORKDIR /srv
COPY *.txt ./
RUN adduser -D -u 1500 app && echo $GREETING $MOOD > said && rm /etc/os-release; touch /etc/made
COPY sub conf/
USER app
EXPOSE 8080
CMD ["sh", "-c", "id -un; pwd; cat said a.txt conf/deep/b; ls conf"]
`;

describe.skipIf(impossible)(`docker build on a real host${whyNot}`, () => {
  let docker: DockerLab;
  beforeAll(async () => {
    docker = await startDockerLab(['internet'], {
      '/root/app/Dockerfile': APP,
      '/root/app/a.txt': 'text\n',
      '/root/app/sub/deep/b': 'deep\n',
      '/root/app/sub/skip.log': '',
      '/root/app/.dockerignore': '**/*.log\n',
    });
  });
  afterAll(() => docker?.[Symbol.asyncDispose]());
  const node = (line: string) => docker.node(line);
  const build = (name: string, dockerfile: string) =>
    node(
      `mkdir -p /tmp/${name}; cd /tmp/${name}; printf '${dockerfile}' > Dockerfile; docker build -t ${name} . 2>/dev/null`,
    );

  test('does the steps, and what they made is in containers of the image', async () => {
    const said = await node('cd /root/app; docker build -t shop/app:1 --build-arg GREETING=hi . 2>&1');
    expect(said).toContain('Step 1/11 : FROM alpine:3.20\n');
    expect(said).toMatch(/Step 7\/11 : RUN adduser .*\n ---> Running in [0-9a-f]{12}\n ---> [0-9a-f]{12}\n/);
    expect(said).toMatch(/Successfully built [0-9a-f]{12}\nSuccessfully tagged shop\/app:1$/);
    expect(await node('docker run --rm shop/app:1')).toBe('app\n/srv\nhi very good\ntext\ndeep\ndeep');
    expect(
      await node('docker run --rm shop/app:1 sh -c "env | grep -c MOOD; id -u; ls /etc/made; ls /etc/os-release 2>&1"'),
    ).toMatch(/^1\n1500\n\/etc\/made\n.*No such file/);
    expect(
      await node(
        `docker inspect -f '{{.Config.User}} {{.Config.WorkingDir}} {{.Config.Labels.maintainer}}' shop/app:1`,
      ),
    ).toBe('app /srv shop');
    expect(await node('docker ps -aq')).toBe('');
  });

  test('what was given to steps stands in the history', async () => {
    const history = await node('docker history --no-trunc shop/app:1');
    expect(history).toContain('#(nop)  ENV MOOD="very good" SECRET=hush');
    expect(history).toContain('/bin/sh -c adduser -D -u 1500 app');
  });

  test('an image that was built can be built on, and named again', async () => {
    expect(
      await build('child', 'FROM shop/app:1\\nUSER root\\nRUN echo more >> said\\nENTRYPOINT ["cat", "said"]\\n'),
    ).toContain('Successfully tagged child:latest');
    expect(await node('docker run --rm child')).toBe('hi very good\nmore');
    expect(await node('docker run --rm shop/app:1 cat said')).toBe('hi very good');
    await node('docker tag child registry:5000/child:v2');
    expect(await node('docker images --format "{{.Repository}}:{{.Tag}}" | grep child | sort')).toBe(
      'child:latest\nregistry:5000/child:v2',
    );
    expect(await node('docker rmi registry:5000/child:v2')).toBe('Untagged: registry:5000/child:v2');
  });

  test('a stage takes files from another', async () => {
    const dockerfile =
      'FROM alpine AS made\\nRUN echo built > /out\\nFROM nginx\\nCOPY --from=made /out /usr/share/nginx/html/index.html\\n';
    await build('site', dockerfile);
    expect(
      await node(
        'docker run -d -p 8081:80 --name site site >/dev/null; curl -s http://127.0.0.1:8081/; docker rm -f site',
      ),
    ).toBe('built\nsite');
  });

  test('accounts are made as distributions make them, and steps run as them', async () => {
    const alpine = 'RUN addgroup -S shop && adduser -S -G shop -h /srv seller\\nUSER seller\\n';
    await build('seller', `FROM alpine\\n${alpine}RUN id > /tmp/who\\nCMD cat /tmp/who; id\\n`);
    expect(await node('docker run --rm seller')).toMatch(/^uid=100\(seller\) gid=\d+\(shop\).*\nuid=100\(seller\)/);
    await build(
      'clerk',
      'FROM debian:12\\nRUN groupadd -r staff2 && useradd -r -m -u 1234 -g staff2 clerk\\nUSER clerk:staff2\\n',
    );
    expect(await node('docker run --rm clerk sh -c "id; pwd; echo \\$HOME"')).toMatch(
      /^uid=1234\(clerk\) gid=999\(staff2\).*\n\/\n\/home\/clerk$/,
    );
    expect(await node("docker run --rm seller sh -c 'adduser -D other' 2>&1")).toContain('adduser: permission denied');
  });

  test.each([
    [
      'a command that fails',
      'FROM alpine\\nRUN exit 3\\n',
      "The command '/bin/sh -c exit 3' returned a non-zero code: 3 [status 3]",
    ],
    ['a file that is not there', 'FROM alpine\\nCOPY nope /\\n', 'stat nope: file does not exist [status 1]'],
    [
      'a file outside',
      'FROM alpine\\nCOPY ../../etc/shadow /\\n',
      'forbidden path outside the build context: ../../etc/shadow',
    ],
    ['packages', 'FROM alpine\\nRUN apk add curl\\n', 'not simulated: packages in containers'],
    ['an image that no registry has', 'FROM nope:1\\n', 'pull access denied for nope'],
    [
      'an instruction that is none',
      'FROM alpine\\nFOO bar\\n',
      'dockerfile parse error line 2: unknown instruction: FOO',
    ],
    [
      'a user without a name',
      'FROM alpine\\nUSER 4242\\nRUN true\\n',
      'not simulated: a program as a user without a name, 4242',
    ],
    ['a volume', 'FROM alpine\\nVOLUME /data\\n', 'not simulated: VOLUME of a Dockerfile'],
    ['a user that is not there', 'FROM alpine\\nUSER bob\\nRUN true\\n', 'unable to find user bob'],
  ])('fails in words on %s, and leaves nothing behind', async (_, dockerfile, words) => {
    expect(
      await node(`mkdir -p /tmp/bad; cd /tmp/bad; printf '${dockerfile}' > Dockerfile; docker build . 2>&1`),
    ).toContain(words);
    expect(await node('docker ps -aq')).toBe('');
  });

  test('an engine across the network builds, too', async () => {
    const lines =
      'mkdir -p /tmp/far; cd /tmp/far; echo FROM alpine > Dockerfile; docker -H tcp://10.10.0.11:2375 build -q -t far . 2>/dev/null';
    expect(await docker.lab.sh('internet', lines)).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await node('docker images -q far')).toMatch(/^[0-9a-f]{12}$/);
  });

  test('volumes are folders of the node, and removed only when nobody uses them', async () => {
    expect(await node('docker volume create data; docker volume ls -q')).toBe('data\ndata');
    await node('docker run --name user -v data:/d alpine sh -c "echo kept > /d/f"');
    expect(await node(`cat $(docker volume inspect -f '{{.Mountpoint}}' data)/f`)).toBe('kept');
    expect(await node('docker volume rm data 2>&1')).toMatch(
      /remove data: volume is in use - \[[0-9a-f]{64}\] \[status 1\]$/,
    );
    expect(await node('docker rm user; echo y | docker volume prune -a')).toContain('Deleted Volumes:\ndata\n');
    expect(await node('docker volume inspect data 2>&1')).toContain('get data: no such volume');
  });

  test('prunes what nobody uses after a yes, and nothing after a no', async () => {
    await node('docker run --name over alpine true');
    await node("mkdir /tmp/loose; printf 'FROM alpine\\nRUN echo loose > /loose\\n' > /tmp/loose/Dockerfile");
    await node('docker build -q /tmp/loose 2>/dev/null');
    expect(await node('echo n | docker system prune')).toMatch(/Are you sure you want to continue\? \[y\/N\]$/);
    const pruned = await node('docker system prune -f');
    expect(pruned).toMatch(
      /^Deleted Containers:\n[0-9a-f]{64}\n\nDeleted Images:\ndeleted: sha256:[0-9a-f]{64}\n\nTotal reclaimed space: /,
    );
    expect(await node('docker network inspect -f "{{.Driver}}" bridge')).toBe('bridge');
  });

  test('--help lists commands, and a command’s flags', async () => {
    expect(await node('docker --help')).toContain('  build              Build an image from a Dockerfile\n');
    expect(await node('docker build --help')).toContain('Usage:  docker build [OPTIONS] PATH | URL | -\n');
  });
});
