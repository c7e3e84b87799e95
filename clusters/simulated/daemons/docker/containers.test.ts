import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, type TestLab, whyNot } from '../../hosts/host-fixture.ts';
import { type DockerLab, startDockerLab } from './test-docker-lab.ts';

describe.skipIf(impossible)(`containers of Docker on a real host${whyNot}`, () => {
  let docker: DockerLab;
  let lab: TestLab;
  beforeAll(async () => {
    docker = await startDockerLab(['controlplane', 'internet'], { '/etc/secret': 'flag\n' });
    lab = docker.lab;
  });
  afterAll(() => docker?.[Symbol.asyncDispose]());
  const node = (line: string) => docker.node(line);

  test('an open port gives the node’s disk to whoever reaches it, to read and to write', async () => {
    const run = 'docker -H tcp://10.10.0.11:2375 run --rm -v /:/host alpine';
    expect(await lab.sh('internet', `${run} cat /host/etc/secret`)).toBe('flag');
    expect(await lab.sh('internet', `${run} head -c 5 /host/etc/shadow`)).toBe('root:');
    expect(await lab.sh('internet', `${run} chroot /host sh -c 'echo owned > /root/note; hostname'; echo $?`)).toMatch(
      /^[0-9a-f]{12}\n0$/,
    );
    expect(await node('cat /root/note')).toBe('owned');
    expect(await lab.sh('internet', `${run.replace('/host ', '/host:ro ')} touch /host/root/other`)).toMatch(
      /Read-only file system \[status 1\]$/,
    );
  });

  test('the Engine API does the same for curl', async () => {
    const api = 'curl -s http://10.10.0.11:2375';
    const body = `{"Image":"alpine","Cmd":["sh","-c","cat /mnt/etc/secret; echo bad >&2"],"HostConfig":{"Binds":["/:/mnt"],"Privileged":true}}`;
    const create = `${api}/v1.41/containers/create?name=evil -H 'Content-Type: application/json' -d '${body}'`;
    expect(JSON.parse(await lab.sh('internet', create))).toEqual({
      Id: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      Warnings: [],
    });
    expect(await lab.sh('internet', `${api}/containers/evil/start -X POST; ${api}/containers/evil/wait -X POST`)).toBe(
      '{"StatusCode":0}',
    );
    // Frames: a stream's number, three zeros, the length.
    expect(
      await lab.sh('internet', `${api}/containers/evil/logs?stdout=1\\&stderr=1 | od -An -c | tr -s ' \\n' ' '`),
    ).toBe(String.raw`001 \0 \0 \0 \0 \0 \0 005 f l a g \n 002 \0 \0 \0 \0 \0 \0 004 b a d \n`);
    expect(await lab.sh('internet', `${api}/containers/evil -X DELETE; ${api}/containers/evil/json`)).toBe(
      '{"message":"No such container: evil"}',
    );
    await node('docker run -d --name target alpine sleep 100');
    const exec = `${api}/containers/target/exec -H 'Content-Type: application/json' -d '{"Cmd":["id","-u"],"AttachStdout":true}'`;
    const id = `$(${exec} | cut -d'"' -f4)`;
    expect(await lab.sh('internet', `${api}/exec/${id}/start -d '{}' | tail -c 2`)).toBe('0');
    await node('docker rm -f target');
  });

  test('a program’s streams and status are its own, also when nobody can start it', async () => {
    expect(await node(`docker run --rm alpine sh -c 'echo out; echo err >&2; exit 3' 2>/dev/null`)).toBe(
      'out [status 3]',
    );
    expect(await node('echo piped | docker run -i --rm alpine cat')).toBe('piped');
    expect(await node('head -c 3000000 /dev/zero | docker run -i --rm alpine wc -c')).toBe('3000000');
    expect(await node('docker run --rm alpine nosuch')).toBe(
      'docker: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "nosuch": executable file not found in $PATH: unknown. [status 127]',
    );
    expect(await node('docker ps -aq')).toBe('');
  });

  test('it runs as whom, where and with what it was asked to', async () => {
    const run = 'docker run --rm --hostname box -u 1000:1000 -w /tmp -e COLOUR=red --entrypoint sh alpine -c';
    expect(await node(`${run} 'hostname; id -u; pwd; echo $COLOUR; echo $HOME'`)).toBe('box\n1000\n/tmp\nred\n/');
    expect(await node('docker run --rm -u bob alpine true')).toContain(
      'unable to find user bob: no matching entries in passwd file',
    );
    const capabilities = `grep CapEff /proc/self/status | cut -f2`;
    expect(await node(`docker run --rm alpine sh -c '${capabilities}'`)).toBe('00000000a80425fb');
    expect(await node(`docker run --rm --cap-drop ALL alpine sh -c '${capabilities}'`)).toBe('0000000000000000');
    expect(await node(`docker run --rm --read-only alpine touch /x`)).toContain('Read-only file system');
    expect(await node(`docker run --rm --network none alpine ip -o link | cut -d: -f2`)).toBe('lo');
    expect(await node(`docker run --rm --network host alpine hostname`)).toBe('node01');
  });

  test('a published port reaches the server, from within and from without', async () => {
    expect(await node('docker run -d --name web -p 8080:80 nginx')).toMatch(/^[0-9a-f]{64}$/);
    expect(await node('docker ps --format "{{.Names}} {{.Ports}}"')).toBe('web 0.0.0.0:8080->80/tcp');
    const status = 'curl -so /dev/null --max-time 5 -w "%{http_code}"';
    expect(await node(`${status} http://127.0.0.1:8080/`)).toBe('200');
    expect(await node(`${status} http://$(docker inspect -f '{{.NetworkSettings.IPAddress}}' web)/`)).toBe('200');
    expect(await lab.sh('internet', `${status} http://10.10.0.11:8080/`)).toBe('200');
    expect(await node('docker logs web')).toContain('203.0.113.66 - - ');
    expect(await node('docker run -d --name other -p 8080:80 nginx')).toContain(
      'Bind for 0.0.0.0:8080 failed: port is already allocated. [status 125]',
    );
    expect(await node('docker exec web nginx -t')).toContain('test is successful');
    expect(await node('docker port web')).toBe('80/tcp -> 0.0.0.0:8080');
    expect(await node('docker port web 80; docker port web 81')).toBe(
      "0.0.0.0:8080\nError: No public port '81/tcp' published for web [status 1]",
    );
    expect(await node('docker rm -f web other; iptables -t nat -S DOCKER')).not.toContain('8080');
  });

  test('a container’s packets leave the node as the node’s own', async () => {
    const server = await lab.on('controlplane').listen(9000);
    server.on('connection', (socket) => socket.end(`${socket.remoteAddress}\n`));
    expect(await node('docker run --rm alpine nc -w 5 10.10.0.10 9000')).toBe('10.10.0.11');
    server.close();
  });

  test('a container goes through its states', async () => {
    const state = `docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' job`;
    await node('docker create --name job alpine sleep 100');
    expect(await node(state)).toBe('created 0');
    await node('docker start job');
    expect(await node(state)).toBe('running 0');
    expect(await node('docker rm job')).toContain('container is running: stop the container before removing');
    expect(await node('docker exec job nosuch')).toMatch(/exec: "nosuch": executable file not found.*\[status 127\]$/);
    await node('docker stop -t 0 job');
    expect(await node(state)).toBe('exited 137');
    expect(await node('docker exec job true')).toMatch(/container [0-9a-f]{64} is not running \[status 1\]$/);
    expect(await node('docker start job; docker kill job; docker rename job gone; docker rm gone')).toBe(
      'job\njob\ngone',
    );
  });

  test('a log is followed to its end', async () => {
    const program = 'echo one; echo two >&2; cat /go/on; echo three';
    await node(
      `mkdir /tmp/go; mkfifo /tmp/go/on; docker run -d -v /tmp/go:/go --name talker alpine sh -c '${program}'`,
    );
    const followed = node('docker logs -f talker 2>/dev/null');
    await node('echo go on > /tmp/go/on');
    expect(await followed).toBe('one\ngo on\nthree');
    expect(await node('docker logs --tail 1 talker')).toBe('three');
    await node('docker rm talker');
  });

  test('what a container has changed is told, and kept in an image that is made of it', async () => {
    await node('docker run -d --name changed alpine sleep 100');
    await node(`docker exec changed sh -c 'echo hi > /etc/greeting; mkdir /opt/new; rm /etc/os-release'`);
    expect(await node('docker diff changed')).toBe('C /etc\nA /etc/greeting\nD /etc/os-release\nC /opt\nA /opt/new');
    expect(await node('docker commit -m kept changed kept:1')).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await node('docker run --rm kept:1 sh -c "cat /etc/greeting; ls /etc/os-release"')).toMatch(
      /^hi\nls: .*No such file.* \[status 1\]$/,
    );
    expect(await node('docker ps -aq | wc -l; docker images --format "{{.Repository}}:{{.Tag}}" | head -1')).toBe(
      '1\nkept:1',
    );
    await node('docker rm -f changed; docker rmi kept:1');
  });

  test('its processes are the node’s, with their numbers there', async () => {
    await node('docker run -d --name seen alpine sh -c "sleep 1234 & sleep 5678"');
    await expect.poll(() => node('docker top seen')).toMatch(/^UID +PID +PPID[^]* sleep 5678\n[^]* sleep 1234$/);
    expect(await node('docker top seen -o pid,args | wc -l')).toBe('3');
    const pid = await node(`docker inspect -f '{{.State.Pid}}' seen`);
    expect(await node(`cat /proc/${pid}/cmdline | tr '\\0' ' '`)).toBe('sleep 5678');
    expect(await node('docker top seen -o args')).toContain("Couldn't find PID field in ps output");
    await node('docker stop -t 0 seen');
    expect(await node(`docker top seen; docker inspect -f '{{.State.Pid}}' seen`)).toMatch(/^0\n.* is not running/);
    await node('docker rm seen');
  });

  test('an exec is whom it is asked to be, and variables and names come from files and flags', async () => {
    await node(`echo -e '# of the app\\nCOLOUR=red' > /root/app.env`);
    const flags = '--env-file /root/app.env -e SIZE=2 --add-host db:10.1.2.3';
    await node(`docker run -d --name own ${flags} alpine sleep 100`);
    expect(await node(`docker exec own sh -c 'echo $COLOUR $SIZE; grep db /etc/hosts'`)).toBe('red 2\n10.1.2.3\tdb');
    expect(await node('docker exec -u nobody own sh -c "id -un; echo \\$HOME"')).toBe('nobody\n/home');
    expect(await node('docker exec -u root own id -u')).toBe('0');
    expect(await node('docker exec -u ghost own id')).toContain('unable to find user ghost');
    expect(await node('docker run --env-file /nothing alpine')).toContain('open /nothing: no such file or directory');
    await node('docker rm -f own');
  });

  test('files are copied in and out', async () => {
    await node('docker run -d --name box2 alpine sleep 100; mkdir -p /tmp/in; echo hello > /tmp/in/a,b');
    expect(await node('docker cp /tmp/in/a,b box2:/tmp/c; docker exec box2 cat /tmp/c')).toBe('hello');
    expect(await node('docker cp /tmp/in box2:/tmp; docker exec box2 ls /tmp/in')).toBe('a,b');
    expect(await node('docker cp box2:/tmp/c /tmp/out; cat /tmp/out; docker cp box2:/tmp/c - | tar t')).toBe(
      'hello\nc',
    );
    expect(await node('docker cp box2:/nowhere /tmp')).toContain('Could not find the file /nowhere in container box2');
    await node('docker rm -f box2');
  });

  test('keys and size of a terminal reach the shell in a container', async () => {
    const size = { session: 'docker', cols: 90, rows: 30 };
    await using shell = await lab.on('node01').openTerminal(['docker', 'run', '-it', '--rm', 'alpine', 'sh'], size);
    let said = '';
    shell.output.on('data', (bytes: Buffer) => (said += String(bytes)));
    await shell.write(Buffer.from('stty size; tty\r'));
    await expect.poll(() => said, { timeout: 5000 }).toMatch(/30 90\r\n\/dev\/pts\/0/);
    shell.resize(100, 40);
    const sizeNow = async (): Promise<string> => {
      await shell.write(Buffer.from('stty size\r'));
      return said;
    };
    await expect.poll(sizeNow, { timeout: 5000 }).toContain('40 100');
    await shell.write(Buffer.from('exit 5\r'));
    expect(await shell.exited).toBe(5);
  });

  test('containers that are to run always come back, from their own end and with their engine', async () => {
    await node('docker run -d --restart always --name always nginx');
    await node('docker run -d --restart on-failure:2 --name failing alpine sh -c "exit 7"');
    await expect
      .poll(() => node(`docker inspect -f '{{.State.Status}} {{.RestartCount}}' failing`), { timeout: 5000 })
      .toBe('exited 2');
    await node('systemctl restart docker');
    await expect.poll(() => node('docker ps --format "{{.Names}}"'), { timeout: 5000 }).toBe('always');
    await node('docker rm -f always failing');
  });
});
