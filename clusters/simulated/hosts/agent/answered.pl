# Calls that are answered with something else than the machine's kernel would say: AppArmor's label of a program, which that kernel may
# not know of, and what gVisor's kernel says of itself.
our (%NR);

# _IOW('!', 3, struct seccomp_notif_addfd): gives the caller a file and ends its call with the file's number.
sub HAND_FILE() { 0x40182103 }
sub HAND_AND_ANSWER() { 2 }

# What containerd's own profile is called, under which containers are that name none (contrib/apparmor).
sub USUAL_LABEL() { "cri-containerd.apparmor.d (enforce)\n" }

# gVisor's name for the Linux that it is like (pkg/sentry/syscalls/linux, utsname), and its log (pkg/sentry/kernel/syslog.go), of which it
# makes another choice each time.
sub GVISOR_RELEASE() { '4.19.0-gvisor' }
sub GVISOR_VERSION() { '#1 SMP Sun Jan 10 15:06:54 PST 2016' }
sub GVISOR_LOG() { <<'LOG' }
[    0.000000] Starting gVisor...
[    0.417740] Checking naughty and nice process list...
[    0.623721] Waiting for children...
[    0.902192] Gathering forks...
[    1.258087] Committing treasure map to memory...
[    1.653149] Generating random numbers by fair dice roll...
[    1.918386] Creating cloned children...
[    2.137450] Digging up root...
[    2.369841] Forking spaghetti code...
[    2.840216] Rewriting operating system in Javascript...
[    2.956226] Creating bureaucratic processes...
[    3.329981] Ready!
LOG

# Whether a call was answered here.
sub answered_instead {
  my ($listener, $terms, $call) = @_;
  my $number = $call->{number};
  my $sandboxed = $terms && $terms->{sandbox} eq 'gvisor';
  return 1 if $sandboxed && (($number == $NR{syslog} && say_log($listener, $call)) || ($number == $NR{uname} && say_release($listener, $call)));
  my ($name) = grep { $NR{$_} == $number } qw(openat open) or return 0;
  my $memory = memory_of($call) or return 0;
  my ($file, $flags) = opened_file($call->{pid}, $memory, $name, $call->{arguments});
  return 0 if $flags & 3 || $file !~ m{^/proc/};
  return hand_text($listener, $call, 'Linux version ' . GVISOR_RELEASE . ' ' . GVISOR_VERSION . "\n") if $sandboxed && $file eq '/proc/version';
  my ($whose) = $file =~ m{^/proc/(self|thread-self|\d+)(?:/task/\d+)?/attr/(?:apparmor/)?current$} or return 0;
  return 0 if $whose =~ /^\d/ && !within_root($call->{pid}, "/proc/$whose");
  my $label = !$terms ? USUAL_LABEL : $terms->{profile} eq '' ? "unconfined\n" : "$terms->{profile} ($terms->{mode})\n";
  return hand_text($listener, $call, $label);
}

sub hand_text {
  my ($listener, $call, $text) = @_;
  pipe(my $read, my $write) or return 0;
  syswrite($write, $text);
  close($write); # its end is what the caller reads last
  my $request = pack('Q L L L L', $call->{id}, HAND_AND_ANSWER, fileno $read, 0, 02000000); # closed on exec, as most are
  return defined ioctl($listener->{handle}, HAND_FILE, $request);
}

# syslog(2): its size, or all of it.
sub say_log {
  my ($listener, $call) = @_;
  my ($action, $at, $size) = @{$call->{arguments}};
  my $text = GVISOR_LOG;
  return answer_call($listener, $call->{id}, length $text, 0) if $action == 10;
  return answer_call($listener, $call->{id}, 0, 38) unless $action == 3; # ENOSYS
  $text = substr($text, 0, $size & 0x7fffffff);
  return write_memory($call->{pid}, $at, $text) ? answer_call($listener, $call->{id}, length $text, 0) : answer_call($listener, $call->{id}, 0, 14);
}

# uname(2): six fields of 65 bytes.
sub say_release {
  my ($listener, $call) = @_;
  my $host = '';
  my $file = within_root($call->{pid}, '/etc/hostname');
  if ($file && open(my $text, '<', '/proc/self/fd/' . fileno $file)) { chomp($host = readline($text) // '') }
  my $names = pack('(a65)6', map { substr($_, 0, 64) } 'Linux', $host, GVISOR_RELEASE, GVISOR_VERSION, MACHINE, '(none)');
  return write_memory($call->{pid}, $call->{arguments}[0], $names) ? answer_call($listener, $call->{id}, 0, 0) : answer_call($listener, $call->{id}, 0, 14);
}

sub write_memory {
  my ($pid, $address, $bytes) = @_;
  open(my $memory, '+<', "/proc/$pid/mem") or return 0;
  sysseek($memory, $address, 0) or return 0;
  return (syswrite($memory, $bytes) // 0) == length $bytes;
}
