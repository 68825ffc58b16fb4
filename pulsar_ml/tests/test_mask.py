"""The interference mask: it finds what was put in, and no feature changes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pulsar_ml.candidate import open_candidate
from pulsar_ml.mask import masked, outliers
from pulsar_ml.simulate import simulate
from pulsar_ml.simulation.receiver import Receiver
from pulsar_ml.simulation.sources import Pulsar

pytestmark = pytest.mark.slow

SMALL = Receiver(n_dead=3)
STEADY = Pulsar(period_s=0.4, dm=60, snr=40, peaks=((0.5, 0.04, 1.0),), scintle_s=1e4)


@pytest.fixture
def clean(tmp_path: Path):
    file = tmp_path / "clean.pfd"
    file.write_bytes(simulate("pulsar", seed=3, source=STEADY, receiver=SMALL).to_pfd())
    return open_candidate(file)


def disturbed(candidate, parts: slice, bands: slice):
    """With a slow wave, twenty times the noise, in some profiles."""
    profiles = candidate.fold.profiles.copy()
    wave = np.sin(2 * np.pi * np.arange(profiles.shape[2]) / profiles.shape[2])
    noise = np.sqrt(candidate.fold.variances)[:, :, np.newaxis]
    profiles[parts, bands] += 20 * (noise * wave)[parts, bands]
    return replace(candidate, fold=replace(candidate.fold, profiles=profiles))


def test_the_mask_finds_disturbed_profiles_and_hardly_any_other(clean):
    dirty = disturbed(clean, slice(4, 9), slice(10, 12))
    wanted = np.zeros((32, 32), dtype=bool)
    wanted[4:9, 10:12] = True
    found = outliers(dirty.fold)
    assert found[wanted].all()
    assert found[~wanted].mean() < 0.03
    assert not found[:, -3:].any(), "a dead sub-band is neither counted nor masked"


def test_masking_brings_the_plots_back(clean):
    dirty = disturbed(clean, slice(4, 9), slice(10, 12))
    spoilt, cleaned = dirty.panels(), masked(dirty).candidate.panels()
    best = clean.panels()
    assert spoilt.reduced_chi2 > 1.5 * best.reduced_chi2
    assert cleaned.reduced_chi2 == pytest.approx(best.reduced_chi2, rel=0.1)
    correlation = np.corrcoef(cleaned.profile, best.profile)[0, 1]
    assert correlation > 0.99 > np.corrcoef(spoilt.profile, best.profile)[0, 1]


def test_a_mask_changes_no_feature(clean):
    dirty = disturbed(clean, slice(4, 9), slice(10, 12))
    result = masked(dirty)
    assert result.mask.any()
    np.testing.assert_array_equal(result.candidate.features(), dirty.features())
    assert result.candidate.header == dirty.header


def test_a_wider_fence_masks_less(clean):
    counts = [outliers(clean.fold, fence).sum() for fence in (0.5, 1.0, 2.0, 100.0)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1] == 0


def test_a_fold_without_any_variance_masks_nothing(clean):
    fold = replace(clean.fold, variances=np.zeros_like(clean.fold.variances))
    assert not outliers(fold).any()


@pytest.mark.parametrize(
    "name",
    ["LOTAAS_1_PFD_Candidate_1.pfd", "L81234_SAP1_BEAM20_DM94.74_Z0_ACCEL_Cand_1.pfd"],
)
def test_real_files_lose_at_most_a_tenth(data: Path, name: str):
    candidate = open_candidate(data / "candidates" / name)
    mask = masked(candidate).mask
    assert mask.shape == (30, 32)
    assert 0 < mask.mean() < 0.1
