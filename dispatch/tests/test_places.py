"""Schedules read and write under the folders named for it, and nowhere else."""

import pytest

from dispatch import places
from dispatch.places import NotAllowed, inside


@pytest.fixture
def named(storage, tmp_path, reconfigured):
    """A folder that the site's configuration names."""
    folder = tmp_path / "survey"
    folder.mkdir()
    reconfigured("dispatch", folders=(folder,))
    return folder


def test_the_sites_own_two_folders_are_made_and_the_named_ones_follow(storage, named):
    assert places.allowed() == [storage / "inbox", storage / "outbox", named]
    assert (storage / "inbox").is_dir()
    assert (storage / "outbox").is_dir()


def test_what_lies_below_an_allowed_folder_is_found_without_detours(storage, named):
    (named / "night").mkdir()
    (storage / "outbox").mkdir()
    (named / "link").symlink_to(storage / "outbox")

    assert inside(named) == named
    assert inside(f"{named}/night/../night/./") == named / "night"
    assert inside(named / "yet to come") == named / "yet to come"
    assert inside(named / "link") == storage / "outbox"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("inbox", "is no whole path from the root on"),
        ("/etc", "is not under an allowed folder"),
        ("{named}/../elsewhere", "is not under an allowed folder"),
        ("{named}-too", "is not under an allowed folder"),
        ("{named}/out", "is not under an allowed folder"),
        ("{named}/round", "leads nowhere"),
        ("{named}/\0", "is no whole path from the root on"),
        ("{storage}", "is not under an allowed folder"),
        ("{storage}/uploads", "is not under an allowed folder"),
    ],
)
def test_any_other_path_is_refused_and_the_allowed_ones_are_named(
    storage, named, path, why
):
    (named / "out").symlink_to("/etc")
    (named / "round").symlink_to(named / "round")
    with pytest.raises(NotAllowed) as refused:
        inside(path.format(named=named, storage=storage))

    assert why in str(refused.value)
    assert str(refused.value).endswith(
        f"Schedules may use {storage}/inbox, {storage}/outbox and {named}, "
        "and what is below."
    )


def test_a_folder_that_holds_the_storage_gives_no_way_into_it(
    storage, tmp_path, reconfigured
):
    reconfigured("dispatch", folders=(tmp_path,))
    (tmp_path / "beside").mkdir()

    assert inside(tmp_path / "beside") == tmp_path / "beside"
    assert inside(storage / "inbox" / "a") == storage / "inbox" / "a"
    for path in (tmp_path, storage, storage / "uploads", storage / "secret_key"):
        with pytest.raises(NotAllowed, match="belongs to the site's own storage"):
            inside(path)
