#include "core/spec/keys.h"

#include <algorithm>
#include <array>

namespace foz::spec {

namespace {

constexpr auto k_yes = InDefaults::yes;
constexpr auto k_no = InDefaults::no;

constexpr Key later(std::string_view name, std::string_view group, std::string_view brings,
                    InDefaults in_defaults = k_no, Block block = Block::stage,
                    std::string_view meanwhile = {}) {
  return {block, name, group, Form::later, {}, brings, in_defaults, {}, meanwhile};
}

constexpr std::array k_keys = std::to_array<Key>({
    {Block::workflow, "foz", {}, Form::version, "the version of this format"},
    {Block::workflow, "name", {}, Form::name, "the workflow's name"},
    {Block::workflow,
     "params",
     {},
     Form::params,
     "values that the command line may replace with `--param NAME=VALUE`; `${{ params.NAME }}` is "
     "the value. No secrets: `foz plan` shows them, and the run folder keeps them"},
    {Block::workflow,
     "defaults",
     {},
     Form::defaults,
     "keys merged below every stage, see *Defaults*"},
    {Block::workflow, "stages", {}, Form::stages, "the stages, by name"},

    {Block::param, "type", {}, Form::type, "what the value must be; `text` where it is not said"},
    {Block::param,
     "default",
     {},
     Form::text,
     "the value where the command line gives none; without it the command line must give one"},
    {Block::param, "min", {}, Form::text, "the least value of an `int` or `number`"},
    {Block::param, "max", {}, Form::text, "the greatest value of an `int` or `number`"},
    {Block::param, "choices", {}, Form::texts, "the values that are allowed"},
    {Block::param, "help", {}, Form::line, "one line for people"},

    {Block::stage, "run", "what", Form::command,
     "a plain command: a text is a bash script (`-eo pipefail`), a list is an argv that no shell "
     "sees"},
    {Block::stage, "uses", "what", Form::line, "the plugin that starts this stage's ranks"},
    {Block::stage, "with", "what", Form::with,
     "what the plugin of `uses` is told; the plugin checks it"},
    {Block::stage, "steps", "what", Form::steps, "several commands one after another in one job"},
    later("services", "what",
          "processes beside the ranks that are started before them and end with them"),

    {Block::stage, "needs", "when", Form::needs,
     "the stages before this one: a name, a list of names, or `NAME: success|each|finished|N%`"},
    {Block::stage, "matrix", "when", Form::matrix,
     "one task for each combination of values; an axis is a list, a range `1..10` or `1..10..3`, "
     "or rows"},
    {Block::stage, "array", "when", Form::array, "how the tasks of a matrix run beside each other"},
    later("cache", "when", "results that are kept: what is unchanged is not done again", k_yes),
    later("until", "when",
          "chains of jobs that go on until an exit code, a file or a budget says done"),

    {Block::stage,
     "resources",
     "shape",
     Form::resources,
     "what every task of the stage asks for",
     {},
     k_yes},
    later("mesh", "shape", "the ranks as a grid of tensor, pipeline and data parallelism"),
    later("components", "shape", "parts with resources of their own in one job"),

    {Block::stage, "slurm", "where", Form::slurm, "where Slurm puts the stage's jobs", {}, k_yes},

    {Block::stage,
     "env",
     "world",
     Form::variables,
     "environment variables of the commands",
     {},
     k_yes},
    later("secrets", "world", "variables whose values come from a file that only you can read",
          k_yes, Block::stage, "a line of 'setup' can read such a file: . ~/.secrets"),
    {Block::stage,
     "setup",
     "world",
     Form::lines,
     "shell lines, run once on every node; the environment they leave is the commands' own",
     {},
     k_yes},
    later("modules", "world", "environment modules to load", k_yes, Block::stage,
          "a line of 'setup' can load them: module load gcc"),
    later("venv", "world", "a Python virtual environment to enter", k_yes, Block::stage,
          "a line of 'setup' can enter it: . venv/bin/activate"),
    later("conda", "world", "a conda environment to enter", k_yes, Block::stage,
          "a line of 'setup' can enter it: conda activate NAME"),
    later("container", "world", "an image that the commands run in", k_yes, Block::stage,
          "'run' can start it: apptainer exec IMAGE COMMAND"),
    {Block::stage,
     "workdir",
     "world",
     Form::line,
     "the folder that commands start in; relative to the workflow file",
     {},
     k_yes},
    {Block::stage,
     "limits",
     "world",
     Form::limits,
     "resource limits of the commands, such as `nofile: 16384` or `stack: unlimited`",
     {},
     k_yes},
    {Block::stage, "umask", "world", Form::octal, "the file mode mask of the commands", {}, k_yes},
    later("wrapper", "world", "a command of yours before each rank's own", k_yes, Block::stage,
          "write it before the command of 'run'"),

    {Block::stage, "outputs", "data", Form::outputs,
     "files or folders that a task must have written, by name; relative to `workdir`. The folder "
     "that each lies in is made after `setup`; they are looked for when the task ends"},
    later("stage_in", "data", "files copied to the nodes' own disks before the start"),
    later("stage_out", "data", "files copied back from the nodes' own disks at the end"),
    later("logs", "data", "names and sizes of log files", k_yes),

    later("checkpoint", "care", "checkpoints before the end of a job, and restarts from them",
          k_yes),
    later("on_failure", "care", "retries, restarts and stops by class of failure", k_yes),
    later("stop_if", "care", "conditions that end a stage early", k_yes),
    later("health", "care", "a test of every node before the ranks start", k_yes),
    later("notify", "care", "messages about what happened", k_yes, Block::stage,
          "'mail' in 'slurm' sends Slurm's own"),

    {Block::step, "run", {}, Form::command, "as in a stage"},
    {Block::step, "uses", {}, Form::line, "as in a stage"},
    {Block::step, "with", {}, Form::with, "as in a stage"},
    {Block::step,
     "on",
     {},
     Form::place,
     "where `run` runs: as every rank, once on the first node, or once on every node; `ranks` "
     "where it is not said. Not beside `uses`: the plugin says where its ranks run"},
    {Block::step,
     "may_fail",
     {},
     Form::flag,
     "`true`: its failure is noted and the next step runs"},

    {Block::axis,
     "csv",
     {},
     Form::line,
     "a file of comma-separated rows under a line of column names: `${{ matrix.AXIS.COLUMN }}`"},
    {Block::axis, "lines", {}, Form::line, "a file of one value a line; empty lines are left out"},
    {Block::axis, "glob", {}, Form::line, "the files that a pattern matches, sorted"},
    later("from", {}, "the values that an output of an earlier stage lists", k_no, Block::axis),

    {Block::array, "at_most", {}, Form::count, "tasks that may run at the same time"},
    later("pack", {}, "several tasks that share a job", k_no, Block::array),
    later("serial", {}, "tasks one after another along an axis", k_no, Block::array),

    {Block::resources,
     "nodes",
     {},
     Form::nodes,
     "nodes of a task: a number, or `2..8` for any number between"},
    later("spare_nodes", {}, "nodes held in reserve for one that fails", k_no, Block::resources),
    {Block::resources, "ranks_per_node", {}, Form::count, "ranks on every node"},
    {Block::resources, "cpus_per_rank", {}, Form::count, "CPUs of every rank", {}, k_no, "cpus"},
    {Block::resources, "cpus_per_node", {}, Form::count, "CPUs of every node", {}, k_no, "cpus"},
    {Block::resources,
     "memory_per_node",
     {},
     Form::bytes,
     "memory of every node",
     {},
     k_no,
     "memory"},
    {Block::resources,
     "memory_per_cpu",
     {},
     Form::bytes,
     "memory for every CPU",
     {},
     k_no,
     "memory"},
    {Block::resources,
     "memory_per_gpu",
     {},
     Form::bytes,
     "memory for every GPU",
     {},
     k_no,
     "memory"},
    {Block::resources,
     "memory",
     {},
     Form::all_word,
     "`all`: all the memory of every node",
     {},
     k_no,
     "memory"},
    {Block::resources, "gpus_per_node", {}, Form::count_or_zero, "GPUs of every node"},
    {Block::resources,
     "gpu",
     {},
     Form::words,
     "the kind of GPU, or a list of acceptable kinds, best first"},
    {Block::resources, "exclusive", {}, Form::flag, "`true`: no other job on these nodes"},
    {Block::resources,
     "hyperthreads",
     {},
     Form::flag,
     "`false`: one CPU a core; `true`: every hardware thread is a CPU"},
    {Block::resources, "local_disk", {}, Form::bytes, "disk of its own on every node"},
    {Block::resources,
     "fabric",
     {},
     Form::line,
     "the network between the nodes, by the name the site gives it"},
    {Block::resources,
     "switches",
     {},
     Form::count,
     "the most leaf switches that the nodes may be spread over"},
    {Block::resources,
     "time",
     {},
     Form::duration,
     "the time limit of a task; Slurm takes the next whole minute"},

    {Block::slurm, "partition", {}, Form::words, "partitions to choose from"},
    {Block::slurm, "qos", {}, Form::line, "the quality of service"},
    {Block::slurm, "account", {}, Form::line, "the account to charge"},
    {Block::slurm, "reservation", {}, Form::line, "the reservation to run in"},
    {Block::slurm, "constraint", {}, Form::line, "node features, as Slurm writes them"},
    {Block::slurm, "nodelist", {}, Form::words, "nodes that must be among the task's"},
    {Block::slurm, "exclude", {}, Form::words, "nodes that must not"},
    {Block::slurm, "licenses", {}, Form::words, "licences, `NAME` or `NAME:COUNT`"},
    {Block::slurm, "begin", {}, Form::line, "not before this time, as Slurm writes it"},
    {Block::slurm, "nice", {}, Form::integer, "lowers the priority"},
    {Block::slurm, "comment", {}, Form::line, "a comment"},
    {Block::slurm,
     "mail",
     {},
     Form::words,
     "an address that gets a mail at the end, or Slurm's mail types"},
    {Block::slurm,
     "sbatch_args",
     {},
     Form::texts,
     "further options for `sbatch`, word for word; refused where they fight what foz sets"},
    {Block::slurm,
     "srun_args",
     {},
     Form::texts,
     "further options for the step that carries the ranks; refused where they fight what foz sets"},
});

}  // namespace

std::span<const Key> all_keys() {
  return k_keys;
}

std::span<const Key> keys_of(Block block) {
  const auto first = std::find_if(k_keys.begin(), k_keys.end(),
                                  [block](const Key& key) { return key.block == block; });
  const auto last =
      std::find_if(first, k_keys.end(), [block](const Key& key) { return key.block != block; });
  return {first, last};
}

const Key* find_key(Block block, std::string_view name) {
  const auto keys = keys_of(block);
  const auto found =
      std::find_if(keys.begin(), keys.end(), [name](const Key& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

std::vector<std::string> key_names(Block block) {
  std::vector<std::string> names;
  for (const Key& key : keys_of(block)) names.emplace_back(key.name);
  return names;
}

}  // namespace foz::spec
