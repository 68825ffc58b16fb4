"""The commit is read from the files of git, and where there are none it is empty."""

import pytest

from registry.training.source import commit, packages

ONE, OTHER = "1" * 40, "2" * 40


@pytest.fixture
def git(tmp_path):
    """Lay out files of git."""

    def lay(**files: str):
        for name, content in files.items():
            path = tmp_path / ".git" / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return tmp_path

    return lay


def test_a_branch_is_followed_to_its_commit(git):
    root = git(HEAD="ref: refs/heads/main\n", refs__heads__main=f"{ONE}\n")
    assert commit(root) == ONE


def test_a_commit_may_be_checked_out_itself(git):
    assert commit(git(HEAD=f"{OTHER}\n")) == OTHER


def test_a_branch_may_be_packed_with_others(git):
    packed = f"# pack-refs\n{OTHER} refs/heads/other\n{ONE} refs/heads/main\n"
    root = git(HEAD="ref: refs/heads/main\n")
    (root / ".git" / "packed-refs").write_text(packed)
    assert commit(root) == ONE


def test_a_second_checkout_shares_the_branches(git):
    root = git(
        worktrees__second__HEAD="ref: refs/heads/topic\n",
        worktrees__second__commondir="../..\n",
        refs__heads__topic=f"{ONE}\n",
    )
    second = root / "second"
    second.mkdir()
    (second / ".git").write_text(f"gitdir: {root}/.git/worktrees/second\n")
    assert commit(second) == ONE


@pytest.mark.parametrize("files", [{}, {"HEAD": "ref: refs/heads/gone\n"}])
def test_where_there_is_none_it_is_empty(git, files):
    assert commit(git(**files)) == ""


def test_what_has_a_say_in_the_result_is_named_with_its_version():
    found = packages()
    assert {"python", "numpy", "scikit-learn", "onnxruntime"} <= set(found)
    assert all(found.values())
