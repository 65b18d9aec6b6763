"""Who may do what with which form, copied by hand from domain.md C.2 and C.7; nothing here is read from
states.json, so that the two can differ.

Decides what is expected. Where C.2 and C.7 leave a choice, the line says what we chose and why (the `#`
notes); a step that we cut in two because it takes two people (decision 0003) stands under both names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

COLUMNS: Final = (
    "clerk", "auditor", "claims", "it_op", "info_mgr", "partner", "head", "sys_adm", "sec_adm", "aud_adm",
    "reviewer",
)  # fmt: skip

# c create, r read, each where the words in brackets hold; s v x p are the steps of C.7 below. `reviewer` has
# no column in C.2: C.1 says "named per document", so it reads what C.7 lets it review, and writes opinions.
#
# info_entry, info_update: "c r s" of a clerk is read as one department's work (C.1: acceptance).
# info_query: "c r s" is one's own; who else reads is said for heads (own dept) and info_mgr (v, 2nd).
# rectification "(owner)": a sheet belongs to a department, its people read it; whoever is named takes steps.
#   It is made by issuing a report (C.7), or by info_mgr (c): the c of owners is their plan.
# permission_review: heads read the reviews they judge, of their department or as the next level; the c of
#   heads is their verdict; C.7 has it opened by the system or security_admin.
#   Who executes (x) reads what to execute.
# regulation_revision: partners read what was published.
C2: Final = """
form                | clerk   | auditor | claims       | it_op   | info_mgr | partner     | head     | sys_adm | sec_adm | aud_adm | reviewer
info_entry          | c r dept| r       | c r dept     |         | r        | c r own     | r dept   |         |         |         |
info_update         | c r dept| r       | c r dept     |         | r        | c r own     | r dept   |         |         |         |
info_query          | c r own | c r own | c r own      | c r own | c r      | c r own     | r dept   |         |         |         |
query_result        | r own   | r own   | r own        | r own   | r own    | r own       | r dept   |         |         |         |
inspection_report   |         |         |              |         | c r      |             | r        |         |         |         |
rectification       | r dept  | r dept  | r dept       | r dept  | c r      | r dept      | r        |         |         |         | r
permission_review   |         |         |              | r       | r        |             | r dept   |         | c r     | r       |
regulation_revision | r       | r       | r            | r       | c r      | r published | r        |         |         |         | r
opinion             | c r     | c r     | c r          | c r     | r        | c r         | c r      | c r     | c r     | c r     | c r
feedback_report     | r issued| r issued| r issued     | r issued| c r      | r issued    | r        | r issued| r issued| r issued| r issued
"""  # noqa: E501

# Whoever C.7 names to act on a form reads it: the head of audit (recall, reopen), the head of information
# management (revoke of queries), the next level (own grants of a head).
READS_TO_ACT: Final = {
    "info_entry": ("head of audit",),
    "info_update": ("head of audit",),
    "info_query": ("head of info_mgmt",),
    "permission_review": ("own head", "next level"),
}

# Forms about citizens: a right to read opens them for a task in hand only (R5.8.1).
CITIZENS: Final = ("info_entry", "info_update")

# In which states a document counts as what the words of C.2 say.
MEANING: Final[Mapping[str, tuple[str, ...]]] = {
    "published": ("published", "effective", "superseded"),
    "issued": ("issued", "archived"),
}

# form | in state | step | who (C.7). "auditors" and all others are without those K1 excludes: the creator,
# submitter and collector, and where two people are needed the first of them.
C7: Final = """
info_entry | returned | submit | creator
info_entry | submitted | claim | auditors
info_entry | submitted | withdraw | creator
info_entry | under_review | release | same auditor
info_entry | under_review | recall | head of audit                   # release by the head of audit
info_entry | under_review | return | same auditor
info_entry | under_review | reject | same auditor
info_entry | under_review | approve | same auditor
info_entry | under_review | approve_first | same auditor             # 0003: grade 5, cash, green channel
info_entry | second_review | approve_second | other auditors
info_entry | second_review | send_back | other auditors
info_entry | approved | upload | auditors
info_entry | effective | propose_void | info managers                # 0003: info_manager + head
info_entry | void_proposed | void | own head
info_entry | void_proposed | keep | own head
info_entry | rejected | reopen | head of audit, other auditors
info_update | returned | submit | creator
info_update | submitted | claim | auditors
info_update | submitted | withdraw | creator
info_update | under_review | release | same auditor
info_update | under_review | recall | head of audit
info_update | under_review | return | same auditor
info_update | under_review | reject | same auditor
info_update | under_review | approve | same auditor
info_update | under_review | approve_first | same auditor            # plus department_head
info_update | co_approval | co_approve | own head
info_update | co_approval | send_back | own head
info_update | approved | apply | auditors                            # system; an auditor may trigger it
info_update | approved | give_back | auditors                        # back to returned with "target changed"
info_query | returned | submit | creator
info_query | submitted | approve | own head
info_query | submitted | approve_for_countersign | own head          # 0003
info_query | submitted | return | own head
info_query | submitted | reject | own head
info_query | head_approved | countersign | info managers
info_query | head_approved | decline | info managers
info_query | approved | execute | creator
info_query | head_approved | revoke | own head
info_query | approved | revoke | own head
info_query | head_approved | revoke_by_info | head of info_mgmt
info_query | approved | revoke_by_info | head of info_mgmt
query_result | sealed | deliver | recipient
query_result | delivered | destroy | recipient
query_result | due | destroy | recipient
inspection_report | planned | replan | info managers               # ours: until it is told of
inspection_report | planned | notify | info managers
inspection_report | planned | cancel | info managers                 # ours: an inspection may be called off
inspection_report | notified | cancel | info managers
inspection_report | notified | start | leader
inspection_report | in_progress | draft | leader
inspection_report | drafted | reply_agree | inspected heads
inspection_report | drafted | reply_disagree | inspected heads
inspection_report | drafted | redraft | head of info_mgmt            # ours: cannot be edited, but sent back
inspection_report | replied | redraft | head of info_mgmt
inspection_report | replied | issue | head of info_mgmt
inspection_report | issued | close | info managers
rectification | issued | assign | head of owner                      # ours: the head names who is the owner
rectification | issued | acknowledge | owner
rectification | acknowledged | plan | owner
rectification | planned | agree | info managers
rectification | planned | send_back | info managers                  # ours: the other answer to a plan
rectification | in_progress | track | owner, info managers
rectification | in_progress | extend | info managers
rectification | in_progress | claim_done | owner
rectification | done_claimed | verify_pass | reviewers of info_mgmt
rectification | done_claimed | verify_fail | reviewers of info_mgmt
permission_review | opened | attest | own head, next level           # own grants judged by the next level
permission_review | attesting | attest | own head, next level
permission_review | overdue | attest | own head, next level
permission_review | attesting | confirm | own head, next level
permission_review | overdue | confirm | own head, next level
permission_review | confirmed | execute | it operators
permission_review | executing | verify | audit administrator
permission_review | verified | close | info managers
regulation_revision | proposed | solicit | info managers
regulation_revision | proposed | send | info managers
regulation_revision | commenting | send | info managers
regulation_revision | under_review | agree | required heads
regulation_revision | under_review | agree_last | required heads
regulation_revision | under_review | disagree | required heads
regulation_revision | under_review | reject | required heads
regulation_revision | returned | propose | creator
regulation_revision | approved | order_publication | information management
regulation_revision | approved | reopen | information management
regulation_revision | publication_ordered | publish | second of information management  # C.2 p, C.7 head: two
regulation_revision | publication_ordered | hold | information management
regulation_revision | publication_ordered | reopen | information management
regulation_revision | proposed | withdraw | creator
regulation_revision | commenting | withdraw | creator
regulation_revision | returned | withdraw | creator
opinion | submitted | accept | info managers
opinion | submitted | withdraw | creator
opinion | answered | rate | creator
feedback_report | analysing | draft_report | info managers
feedback_report | drafted | draft_report | info managers
feedback_report | returned | draft_report | info managers
feedback_report | drafted | submit | info managers
feedback_report | under_review | return | head of info_mgmt
feedback_report | under_review | issue | head of info_mgmt
"""


def cells_of_c2() -> dict[str, dict[str, tuple[str, ...]]]:
    """C.2 by form and column: the words in the cell."""
    head, *lines = [line.split("|") for line in C2.strip().splitlines()]
    names = [one.strip() for one in head[1:]]
    assert tuple(names) == COLUMNS
    return {
        line[0].strip(): {name: tuple(cell.split()) for name, cell in zip(names, line[1:], strict=True)}
        for line in lines
    }


def steps_of_c7() -> dict[tuple[str, str], dict[str, tuple[str, ...]]]:
    """C.7 by (form, state): who takes each step that leaves it."""
    found: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
    for line in C7.strip().splitlines():
        form, state, step, who = (part.strip() for part in line.partition("#")[0].split("|"))
        found.setdefault((form, state), {})[step] = tuple(one.strip() for one in who.split(","))
    return found
