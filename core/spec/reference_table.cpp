#include <array>

#include "core/spec/references.h"

namespace foz::spec {

namespace {

constexpr auto k_references = std::to_array<ReferenceKind>({
    {"params.NAME", Known::planning, "a param's value"},
    {"matrix.AXIS", Known::planning, "the task's value on an axis"},
    {"matrix.AXIS.COLUMN", Known::planning, "the task's value of a column of `csv:` rows"},
    {"needs.STAGE.OUTPUT", Known::planning,
     "an output of an earlier stage; of the same element where `needs` says `each`"},
    {"needs.STAGE.manifest", Known::planning,
     "a file of JSON lines: every task of an earlier stage, its values, state and outputs"},
    {"task.name", Known::planning,
     "the task's name, `train.3`; `train` for a stage without a matrix"},
    {"task.index", Known::planning, "the task's number, from 0"},
    {"task.stage", Known::planning, "the stage's name"},
    {"task.outputs.NAME", Known::planning,
     "an output of the task itself, as it is written (`needs` has absolute paths)"},
    {"run.id", Known::planning, "the run's id"},
    {"run.name", Known::planning, "the workflow's name"},
    {"run.dir", Known::planning, "the run's folder"},
    {"run.workdir", Known::planning, "the folder of the workflow file"},
    {"site.NAME", Known::planning, "a value of the site's template"},
    {"rank", Known::running, "the rank's number in the world"},
    {"local_rank", Known::running, "its number on its node"},
    {"local_size", Known::running, "ranks on its node"},
    {"world_size", Known::running, "ranks in the world"},
    {"role", Known::running, "the rank's role"},
    {"role_rank", Known::running, "its number in its role"},
    {"role_size", Known::running, "ranks in its role"},
    {"hosts", Known::running,
     "the names of all nodes of the job, as Slurm knows them, with commas between"},
    {"addresses", Known::running, "how these nodes reach each other, in the same order"},
    {"hostfile", Known::running, "a file of the nodes' names, one a line"},
    {"attempt", Known::running, "the task's attempt, from 1"},
    {"task_dir", Known::running, "the attempt's own folder on the shared file system, made for it"},
    {"rank_dir", Known::running, "the rank's own folder in it, made for it"},
    {"node.index", Known::running, "the node's number in the job, from 0"},
    {"node.name", Known::running, "the node's name"},
    {"node.address", Known::running, "how other nodes reach it"},
    {"node.switch", Known::running, "its switches, as Slurm names them"},
    {"node.cpus", Known::running, "the task's CPUs on it"},
    {"node.memory_mib", Known::running, "the task's memory on it, in MiB"},
    {"node.gpus", Known::running, "the task's GPUs on it, with commas between"},
    {"node.scratch", Known::running, "a folder on its own disk"},
    {"endpoints.ROLE.PORT", Known::running,
     "`host:port` of every rank of a plugin's role, with commas between"},
    {"endpoints.ROLE.PORT.NUMBER", Known::running, "the same of one rank"},
    {"endpoints_json.ROLE.PORT", Known::running, "the same of every rank, as a JSON list"},
});

}  // namespace

std::span<const ReferenceKind> all_references() {
  return k_references;
}

}  // namespace foz::spec
