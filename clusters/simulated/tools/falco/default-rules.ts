/**
 * The rules that a node's falco begins with: the ones of falcosecurity/rules that concern what is heard of here, by their names and priorities
 * and with their macros' names, in conditions of our own. The file is one text, hence long.
 */
export const DEFAULT_RULES = `# The rules of this lab: names and priorities are those of falcosecurity/rules, conditions are the lab's own and shorter.
# Change them in falco_rules.local.yaml.

- required_engine_version: 0.50.0

# Files

- macro: open_write
  condition: (evt.type in (open, openat, openat2, creat) and evt.is_open_write=true and fd.typechar='f' and fd.num>=0)

- macro: open_read
  condition: (evt.type in (open, openat, openat2) and evt.is_open_read=true and fd.typechar='f' and fd.num>=0)

- macro: open_directory
  condition: (evt.type in (open, openat, openat2) and evt.is_open_read=true and fd.typechar='d' and fd.num>=0)

- macro: open_file_failed
  condition: (evt.type in (open, openat, openat2) and fd.typechar='f' and fd.num=-1 and evt.res startswith E)

- macro: bin_dir
  condition: (fd.directory in (/bin, /sbin, /usr/bin, /usr/sbin))

- macro: etc_dir
  condition: (fd.name startswith /etc/)

- macro: root_dir
  condition: (fd.directory=/ or fd.name startswith /root/)

- list: sensitive_file_names
  items: [/etc/shadow, /etc/sudoers, /etc/pam.conf, /etc/security/pwquality.conf]

- macro: sensitive_files
  condition: (fd.name in (sensitive_file_names) or fd.directory in (/etc/sudoers.d, /etc/pam.d))

- macro: modify
  condition: (evt.type in (rename, renameat, renameat2, unlink, unlinkat, rmdir))

- macro: mkdir
  condition: (evt.type in (mkdir, mkdirat))

- macro: chmod
  condition: (evt.type in (chmod, fchmodat))

- macro: create_symlink
  condition: (evt.type in (symlink, symlinkat))

- macro: create_hardlink
  condition: (evt.type in (link, linkat))

- list: sensitive_directory_names
  items: [/, /etc, /etc/, /root, /root/]

- list: shell_history_names
  items: [.bash_history, .ash_history, .zsh_history, .sh_history]

# Programs

- macro: spawned_process
  condition: (evt.type in (execve, execveat))

- macro: proc_name_exists
  condition: (proc.name!="<NA>")

- list: shell_binaries
  items: [ash, bash, csh, ksh, sh, tcsh, zsh, dash]

- macro: shell_procs
  condition: (proc.name in (shell_binaries))

- list: rpm_binaries
  items: [dnf, rpm, yum, microdnf, zypper]

- list: deb_binaries
  items: [dpkg, apt, apt-get, aptitude, apt-key, apt-cache, dpkg-deb]

- list: package_mgmt_binaries
  items: [rpm_binaries, deb_binaries, apk, pip, pip3, gem, npm, snapd]

- macro: package_mgmt_procs
  condition: (proc.name in (package_mgmt_binaries))

- macro: package_mgmt_ancestor_procs
  condition: (proc.aname in (package_mgmt_binaries))

- list: network_tool_binaries
  items: [nc, ncat, netcat, nmap, dig, tcpdump, tshark, ngrep, telnet, socat, zmap]

- macro: network_tool_procs
  condition: (proc.name in (network_tool_binaries))

# Containers and networks

- macro: never_true
  condition: (evt.num=0)

- macro: container
  condition: (container.id != host)

- macro: container_entrypoint
  condition: (not proc.pname exists or proc.pname in (containerd-shim, runc, runc:[0:PARENT], runc:[1:CHILD]))

- macro: outbound
  condition: (evt.type=connect and fd.typechar in (4, 6) and fd.ip != "0.0.0.0" and fd.snet != "127.0.0.0/8")

- macro: k8s_api_server
  condition: (fd.sip="10.96.0.1" and fd.sport=443) or fd.sport=6443

- macro: user_known_contact_k8s_api_server_activities
  condition: (never_true)

- list: miner_ports
  items: [3333, 3334, 3335, 3336, 3357, 4444, 5555, 5556, 5588, 5730, 6099, 6666, 7777, 7778, 8000, 8001, 8008, 8080, 8118, 8333, 8888, 8899, 9332, 9999, 14433, 14444, 45560, 45700]

# Rules

- rule: Terminal shell in container
  desc: A shell with a terminal began in a container, as kubectl exec -it makes it; somebody may be looking around.
  condition: >
    spawned_process and container and shell_procs and proc.tty != 0 and container_entrypoint
  output: A shell was spawned in a container with an attached terminal | evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: NOTICE
  tags: [maturity_stable, container, shell, mitre_execution, T1059]

- list: shadowutils_binaries
  items: [chage, gpasswd, lastlog, newgrp, groupadd, groupdel, addgroup, delgroup, groupmems, groupmod, grpck, grpconv, grpunconv, newusers, pwck, pwconv, pwunconv, useradd, userdel, adduser, deluser, usermod, vigr, vipw, unix_chkpwd]

- list: login_binaries
  items: [login, systemd-logind, su, sudo, sshd, sshd-session]

- list: passwd_binaries
  items: [passwd, chpasswd]

- list: user_mgmt_binaries
  items: [login_binaries, passwd_binaries, shadowutils_binaries]

- macro: user_known_read_sensitive_files_activities
  condition: (never_true)

- list: read_sensitive_file_binaries
  items: [iptables, ps, systemd, cron]

- rule: Read sensitive file untrusted
  desc: A program that has no business with it opened a file of passwords or of rights, such as /etc/shadow.
  condition: >
    open_read and sensitive_files and proc_name_exists
    and not proc.name in (user_mgmt_binaries, read_sensitive_file_binaries)
    and not package_mgmt_procs
    and not package_mgmt_ancestor_procs
    and not user_known_read_sensitive_files_activities
  output: Sensitive file opened for reading by non-trusted program | file=%fd.name gparent=%proc.aname[2] ggparent=%proc.aname[3] gggparent=%proc.aname[4] evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: WARNING
  tags: [maturity_stable, host, container, filesystem, mitre_credential_access, T1555]

- macro: grep_commands
  condition: (proc.name in (grep, egrep, fgrep))

- rule: Search Private Keys or Passwords
  desc: Somebody greps or looks for private keys or passwords.
  condition: >
    spawned_process
    and ((grep_commands and (proc.args icontains "BEGIN PRIVATE" or proc.args icontains "BEGIN RSA PRIVATE"
    or proc.args icontains "BEGIN EC PRIVATE" or proc.args icontains "BEGIN OPENSSH PRIVATE" or proc.args icontains "pass"
    or proc.args icontains "id_rsa" or proc.args icontains "id_ed25519"))
    or (proc.name="find" and (proc.args contains "id_rsa" or proc.args contains "id_ed25519" or proc.args contains "id_ecdsa")))
  output: Grep private keys or passwords activities found | evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: WARNING
  tags: [maturity_stable, host, container, process, filesystem, mitre_credential_access, T1552.001]

- rule: Find AWS Credentials
  desc: Somebody greps or looks for the credentials of a cloud.
  condition: >
    spawned_process
    and ((grep_commands and (proc.args icontains "aws_access_key_id" or proc.args icontains "aws_secret_access_key"
    or proc.args icontains "aws_session_token"))
    or (proc.name="find" and proc.args endswith ".aws/credentials"))
  output: Detected AWS credentials search activity | evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: WARNING
  tags: [maturity_stable, host, container, process, aws, mitre_credential_access, T1552]

- rule: Remove Bulk Data from Disk
  desc: A program that wipes files or file systems runs.
  condition: spawned_process and proc.name in (shred, mkfs, mke2fs, mkswap)
  output: Bulk data has been removed from disk | file=%fd.name evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: WARNING
  tags: [maturity_stable, host, container, process, filesystem, mitre_impact, T1485]

- rule: Execution from /dev/shm
  desc: A program is started out of shared memory, which leaves no trace on a disk.
  condition: >
    spawned_process
    and (proc.exe startswith "/dev/shm/" or proc.exepath startswith "/dev/shm/"
    or (proc.cwd startswith "/dev/shm/" and proc.exe startswith "./")
    or (shell_procs and proc.args startswith "/dev/shm/"))
  output: File execution detected from /dev/shm | evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: WARNING
  tags: [maturity_stable, host, container, mitre_execution, T1059.004]

- rule: Netcat Remote Code Execution in Container
  desc: A netcat that hands its connection to a program runs in a container.
  condition: >
    spawned_process and container
    and ((proc.name="nc" and (proc.cmdline contains " -e" or proc.cmdline contains " -c"))
    or (proc.name="ncat" and (proc.cmdline contains "--sh-exec" or proc.cmdline contains "--exec"
    or proc.cmdline contains "-e " or proc.cmdline contains "-c ")))
  output: Netcat runs inside container that allows remote code execution | evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: WARNING
  tags: [maturity_stable, container, network, process, mitre_execution, T1059]

- rule: Launch Package Management Process in Container
  desc: A package manager runs in a container; what a container needs belongs into its image.
  condition: >
    spawned_process and container and package_mgmt_procs and not package_mgmt_ancestor_procs
  output: Package management process launched in container | evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: ERROR
  tags: [maturity_incubating, container, process, mitre_persistence, T1505]

- rule: Contact K8S API Server From Container
  desc: A program in a container of an ordinary workload talks to the Kubernetes API server.
  condition: >
    outbound and container and k8s_api_server
    and not k8s.ns.name in (kube-system, local-path-storage)
    and not user_known_contact_k8s_api_server_activities
  output: Unexpected connection to K8s API Server from container | connection=%fd.name lport=%fd.sport fd_type=%fd.type fd_proto=%fd.l4proto evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: NOTICE
  tags: [maturity_stable, container, network, k8s, mitre_discovery, T1565]

- rule: Contact cloud metadata service from container
  desc: A program in a container asks the cloud's metadata service, which may hand out credentials.
  condition: outbound and container and fd.sip="169.254.169.254"
  output: Outbound connection to cloud instance metadata service | connection=%fd.name fd_type=%fd.type fd_proto=%fd.l4proto evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: NOTICE
  tags: [maturity_incubating, network, container, mitre_discovery, T1565]

- rule: Launch Suspicious Network Tool in Container
  desc: A tool to scan, listen or tunnel with runs in a container.
  condition: spawned_process and container and network_tool_procs
  output: Network tool launched in container | evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: NOTICE
  tags: [maturity_incubating, container, network, process, mitre_execution, T1595.001]

- rule: Detect crypto miners using the Stratum protocol
  desc: A program was started with the address of a mining pool.
  condition: >
    spawned_process and (proc.cmdline contains "stratum+tcp" or proc.cmdline contains "stratum2+tcp"
    or proc.cmdline contains "stratum+ssl" or proc.cmdline contains "stratum2+ssl")
  output: Possible miner running | evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: CRITICAL
  tags: [maturity_sandbox, host, container, process, mitre_impact, T1496]

# Ports that miners like are also liked by others: off until somebody asks for it.
- rule: Detect outbound connections to common miner pool ports
  desc: A program connects to a port that mining pools use.
  condition: outbound and fd.sport in (miner_ports) and not fd.snet in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
  enabled: false
  output: Outbound connection to IP/Port flagged by https://cryptoioc.ch | ip=%fd.rip connection=%fd.name lport=%fd.sport rport=%fd.rport fd_type=%fd.type fd_proto=%fd.l4proto evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: CRITICAL
  tags: [maturity_sandbox, host, container, network, mitre_impact, T1496]

- rule: Read environment variable from /proc files
  desc: A program reads the environment of another one, in which there may be secrets.
  condition: open_read and container and fd.name glob /proc/*/environ
  output: Environment variables were retrieved from /proc files | file=%fd.name gparent=%proc.aname[2] ggparent=%proc.aname[3] gggparent=%proc.aname[4] evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: WARNING
  tags: [maturity_incubating, container, filesystem, process, mitre_credential_access, T1083]

- rule: Write below binary dir
  desc: A file in a folder of programs is written.
  condition: open_write and bin_dir and not package_mgmt_procs and not package_mgmt_ancestor_procs
  output: File below a known binary directory opened for writing | file=%fd.name pcmdline=%proc.pcmdline gparent=%proc.aname[2] evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: ERROR
  tags: [maturity_sandbox, host, container, filesystem, mitre_persistence, T1543]

- macro: user_known_write_below_etc_activities
  condition: (never_true)

- rule: Write below etc
  desc: A file below /etc is written.
  condition: >
    open_write and etc_dir and not package_mgmt_procs and not package_mgmt_ancestor_procs
    and not proc.name in (user_mgmt_binaries) and not user_known_write_below_etc_activities
  output: File below /etc opened for writing | file=%fd.name pcmdline=%proc.pcmdline gparent=%proc.aname[2] ggparent=%proc.aname[3] gggparent=%proc.aname[4] evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: ERROR
  tags: [maturity_sandbox, host, container, filesystem, mitre_persistence, T1098]

- list: known_root_files
  items: [/root/.bash_history, /root/.ash_history, /root/.lesshst, /root/.viminfo, /root/.viminfo.tmp, /root/.wget-hsts]

- rule: Write below root
  desc: A file directly below / or anywhere below /root is written.
  condition: >
    open_write and root_dir and not package_mgmt_procs and not package_mgmt_ancestor_procs
    and not fd.name in (known_root_files) and not fd.name startswith /root/.kube/cache
  output: File below / or /root opened for writing | file=%fd.name evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: ERROR
  tags: [maturity_sandbox, host, container, filesystem, mitre_persistence, TA0003]

- rule: Launch Privileged Container
  desc: A privileged container began.
  condition: spawned_process and container and proc.vpid=1 and container.privileged=true and not k8s.ns.name=kube-system
  output: Privileged container started | evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: INFO
  tags: [maturity_incubating, container, cis, mitre_execution, T1610]

- rule: Create Symlink Over Sensitive Files
  desc: A symlink to a file of passwords or of rights, or to a folder of them, is made.
  condition: >
    create_symlink and (evt.arg.target in (sensitive_file_names) or evt.arg.target in (sensitive_directory_names))
  output: Symlinks created over sensitive files | target=%evt.arg.target linkpath=%evt.arg.linkpath evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: WARNING
  tags: [maturity_stable, host, container, filesystem, mitre_credential_access, T1555]

- rule: Create Hardlink Over Sensitive Files
  desc: A hard link to a file of passwords or of rights is made.
  condition: create_hardlink and (evt.arg.oldpath in (sensitive_file_names))
  output: Hardlinks created over sensitive files | target=%evt.arg.oldpath linkpath=%evt.arg.newpath evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: WARNING
  tags: [maturity_stable, host, container, filesystem, mitre_credential_access, T1555]

- rule: Clear Log Activities
  desc: A log is emptied.
  condition: >
    open_write and evt.arg.flags contains "O_TRUNC"
    and (fd.name startswith /var/log/ or fd.name startswith /dev/log)
  output: Log files were tampered | file=%fd.name evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: WARNING
  tags: [maturity_stable, host, container, filesystem, mitre_defense_evasion, T1070, NIST_800-53_AU-10]

- rule: Delete or rename shell history
  desc: A shell's history is taken away or emptied.
  condition: >
    (modify and (fs.path.name glob */.*_history or fs.path.source glob */.*_history))
    or (open_write and fd.filename in (shell_history_names) and evt.arg.flags contains "O_TRUNC" and not shell_procs)
  output: Shell history deleted or renamed | file=%fd.name path=%fs.path.name oldpath=%fs.path.source evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: WARNING
  tags: [maturity_incubating, host, container, process, filesystem, mitre_defense_evasion, T1070]

- rule: Set Setuid or Setgid bit
  desc: A program is made to run as its owner or its group, whoever starts it.
  condition: chmod and (evt.arg.mode contains "S_ISUID" or evt.arg.mode contains "S_ISGID")
  output: Setuid or setgid bit is set via chmod | filename=%evt.arg.filename mode=%evt.arg.mode evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: NOTICE
  tags: [maturity_incubating, host, container, process, users, mitre_privilege_escalation, T1548.001]

- rule: Modify binary dirs
  desc: A file in a folder of programs is renamed or taken away.
  condition: >
    modify and not package_mgmt_procs and not package_mgmt_ancestor_procs
    and (fs.path.name pmatch (/bin, /sbin, /usr/bin, /usr/sbin) or fs.path.source pmatch (/bin, /sbin, /usr/bin, /usr/sbin))
  output: File below known binary directory renamed/removed | file=%fs.path.name oldpath=%fs.path.source pcmdline=%proc.pcmdline evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: ERROR
  tags: [maturity_sandbox, host, container, filesystem, mitre_defense_evasion, T1222.002]

- rule: Mkdir binary dirs
  desc: A folder is made among programs.
  condition: >
    mkdir and not package_mgmt_procs and not package_mgmt_ancestor_procs
    and fs.path.name pmatch (/bin, /sbin, /usr/bin, /usr/sbin)
  output: Directory below known binary directory created | directory=%fs.path.name evt_type=%evt.type user=%user.name user_uid=%user.uid user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname command=%proc.cmdline terminal=%proc.tty
  priority: ERROR
  tags: [maturity_sandbox, host, container, filesystem, mitre_persistence, T1222.002]
`;
