# The root file system of a container: the programs that every image has, below what the container writes, with its volumes in place.
our (%hosts, %SIZE);
my $image_made = 0;

# Debian builds wget without time limits, and crashes on the option for one. Its shell runs its own wget, whose option is made to do
# nothing (a connection to nobody is given up soon, see start_pod); everybody else gets this one.
sub WGET() { <<'SCRIPT' }
#!/bin/sh
limit= left=$#
while [ $left -gt 0 ]; do
  word=$1; shift; left=$((left - 1))
  case $word in
    -T|--timeout) limit=$1; shift; left=$((left - 1)) ;;
    -qT) limit=$1; shift; left=$((left - 1)); set -- "$@" -q ;;
    -T?*) limit=${word#-T} ;;
    --timeout=*) limit=${word#*=} ;;
    *) set -- "$@" "$word" ;;
  esac
done
[ -n "$limit" ] || exec busybox wget "$@"
timeout "$limit" busybox wget "$@"
status=$?
[ $status = 143 ] || exit $status
echo 'wget: download timed out' >&2
exit 1
SCRIPT

sub IMAGE() { '/sys/lab/image' }
sub IMAGE_FOLDERS() { qw(bin dev etc home lib mnt opt proc root run sbin srv sys tmp usr usr/bin usr/local usr/local/bin usr/sbin var var/lib var/log var/run var/spool var/tmp var/www) }

# The programs of every image: busybox under all its names. Lies below each container's own files.
sub make_image {
  return if $image_made;
  my $busybox = (grep { -x $_ } qw(/bin/busybox /usr/bin/busybox))[0] // die "not simulated: containers need the package busybox-static\n";
  mkdir IMAGE;
  mount_at('tmpfs', 'tmpfs', IMAGE, MS_NOSUID | MS_NODEV, 'mode=755,size=8m,nr_inodes=1000');
  mkdir IMAGE . "/$_", 0755 for IMAGE_FOLDERS;
  chmod 01777, IMAGE . '/tmp', IMAGE . '/var/tmp';
  chmod 0700, IMAGE . '/root';
  my $program = slurp($busybox);
  $program =~ s/(\^cqSO:o:P:Y:U:T:)\+([^\0]*\0[^\0]*\0)/$1$2\0/; # an integer nobody keeps becomes a word nobody keeps
  open(my $list, '-|', $busybox, '--list') or die "busybox: $!\n";
  chomp(my @names = <$list>);
  start_every_program(\$program, @names);
  write_entry('file', '755', IMAGE . '/bin/busybox', $program);
  for my $name (@names) {
    link(IMAGE . '/bin/busybox', IMAGE . "/bin/$name") unless $name eq 'busybox' || $name eq 'wget';
  }
  close($list);
  write_entry('file', '755', IMAGE . '/bin/wget', WGET());
  link(IMAGE . '/bin/busybox', IMAGE . '/usr/bin/env');
  $image_made = 1;
}

# Debian's shell runs some programs inside of itself, as the images' own does not: nobody would see them start. Which these are is a table
# of two bits a program right before their names (busybox, include/applet_tables.h), whose first, `[` and `[[`, are among them.
sub start_every_program {
  my ($program, @names) = @_;
  my $size = int((@names + 3) / 4);
  my $at = index($$program, join("\0", @names[0 .. 3]) . "\0") - $size;
  substr($$program, $at, $size) = "\0" x $size if $at > 0 && (ord(substr($$program, $at, 1)) & 15) == 15;
}

# In the mount namespace of the container, whose root this becomes.
sub build_container_root {
  my ($launch) = @_;
  my $root = '/sys/lab/root';
  mount_at('none', 'none', '/', MS_REC | MS_PRIVATE, '');
  mount_at('tmpfs', 'tmpfs', $root, MS_NOSUID | MS_NODEV, $SIZE{container});
  mkdir "$root/$_", 0755 for qw(upper work root);
  my $layers = 'lowerdir=' . IMAGE . ",upperdir=$root/upper,workdir=$root/work,userxattr";
  my $top = "$root/root";
  mount_at('overlay', 'overlay', $top, MS_NOSUID | MS_NODEV, $layers);
  my @files = @{$launch->{files}};
  while (my ($kind, $mode, $path, $data) = splice @files, 0, 4) { write_entry($kind, $mode, "$top$path", $data) }
  mount_at('proc', 'proc', "$top/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, '');
  for my $path (grep { -e "$top/proc/$_" } qw(sys sysrq-trigger irq bus fs)) {
    bind_mount("$top/proc/$path", "$top/proc/$path");
    restrict_mount("$top/proc/$path", READ_ONLY);
  }
  make_devices("$top/dev", map { m{^/dev/([^/]+)$} ? $1 : () } @{$launch->{mounts}}[map { 5 * $_ + 3 } 0 .. @{$launch->{mounts}} / 5 - 1]);
  chdir $top or die "chdir: $!\n";
  # What a mount's path leads through may be a learner's symlink (a volume in a volume), so the rest happens with the new root as root.
  mkdir "$top/.old", 0700;
  kernel('pivot_root', '.', './.old');
  chdir '/';
  # Volumes are taken hold of while they can be seen, and put in place when nothing outside can: what a mount's path leads through
  # may be a learner's symlink.
  my @mounts = @{$launch->{mounts}};
  my @held = @{$launch->{held}};
  while (my ($place, $source, $beneath, $target, $options) = splice @mounts, 0, 5) {
    next if $place ne '' && $hosts{$place};
    my $volume = $place eq '' ? "$launch->{folder}/$source" : $place eq '/' ? $source : "/sys/lab/nodes/$place"; # `/`: this machine's own
    push @held, [hold_volume("/.old$volume", $place eq '' || $place eq '/' ? $beneath : "$source/$beneath", $options), $target, $options];
  }
  @held = sort { ($a->[2] =~ tr{/}{}) <=> ($b->[2] =~ tr{/}{}) } @held; # outer ones first
  kernel('umount2', '/.old', 2);
  rmdir '/.old';
  place_volume(@$_) for @held;
  # Others' files are the container's own where it has but one user: what only root may write is shut for all of them.
  if ($launch->{own_user}) { chmod 0555, $_ for grep { -d $_ && !-l $_ } '/', map { "/$_" } grep { !m{^(dev|proc|sys|tmp|var/tmp)} } IMAGE_FOLDERS }
  set_mount('/', READ_ONLY) if $launch->{read_only};
}
