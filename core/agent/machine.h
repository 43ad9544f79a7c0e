/// The keeper's state machine. Pure: every decision inside a job is step(State, Event) -> {State, Actions}; effects live in keeper.cpp. Actions are idempotent and can be
/// derived again from the state.
///
///                    begin                    nodes_ready                    (per step)
///   [starting] ──▶ [gate] ──────▶ [connecting] ──────▶ [launching] ──spawned──▶ [running] ──all ended well──▶ next step, or [checking] ──▶ [done]
///                    │ parents say no   │ a node never came   │ plugin has no answer  │ a rank failed / bind failure / signal / node lost
///                    ▼                  ▼                     ▼                       ▼
///                  [done:dependency_failed]            [stopping] ──every rank gone──▶ restart (back to launching) or [done:failed|cancelled]
///
/// Policies, spares and checkpoints (the next issue) are further events (checkpoint_due, checkpoint_complete, limit_near, node_health) and actions (ask_checkpoint, requeue, swap_node);
/// the place where a failure becomes restart, requeue or end is the one function `on_world_down`.
#pragma once

namespace foz::agent {}  // namespace foz::agent
