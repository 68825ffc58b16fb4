"""What the simulator writes: our readers take it, and PFD is checked byte by byte."""

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pulsar_ml.candidate import open_candidate
from pulsar_ml.simulate import KINDS, simulate
from pulsar_ml.simulation import search
from pulsar_ml.simulation.receiver import Receiver
from pulsar_ml.simulation.sources import Pulsar

pytestmark = pytest.mark.slow

SOURCE = Pulsar(period_s=0.25, dm=70, snr=60, peaks=((0.4, 0.05, 1.0),))


@pytest.fixture(scope="module")
def made():
    return simulate("pulsar", seed=5, source=SOURCE)


def saved(folder: Path, data: bytes):
    file = folder / "candidate"
    file.write_bytes(data)
    return open_candidate(file)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [0, 2])
def test_both_formats_give_features_and_panels(tmp_path, kind, seed):
    candidate = simulate(kind, seed=seed)
    for form, data in (("phcx", candidate.to_phcx()), ("pfd", candidate.to_pfd())):
        read = saved(tmp_path, data)
        assert read.kind == form
        features = read.features()
        assert np.isfinite(features).all()
        for skew, exkurt in ((2, 3), (6, 7)):
            assert features[exkurt] >= features[skew] ** 2 - 2 - 1e-6
        panels = read.panels()
        drawn = (panels.subints, panels.subbands, panels.dm, panels.plane)
        assert all(panel is not None for panel in drawn)
        assert read.header.telescope == "Parkes (simulated)"


def test_features_can_be_had_without_a_file(tmp_path, made):
    written = saved(tmp_path, made.to_phcx())
    np.testing.assert_array_equal(made.features(), written.features())


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(made):
    again = simulate("pulsar", seed=5, source=SOURCE)
    other = simulate("pulsar", seed=6, source=SOURCE)
    for write in (lambda s: s.to_phcx(compressed=True), lambda s: s.to_pfd()):
        assert write(again) == write(made) != write(other)


def test_phcx_has_the_arrays_of_htru2(tmp_path, made):
    read = saved(tmp_path, made.to_phcx(compressed=True))
    panels = read.panels()
    shapes = {
        "profile": panels.profile.shape,
        "dm_curve": read.dm_curve.shape,
        "subints": panels.subints.values.shape,
        "subbands": panels.subbands.values.shape,
        "plane": panels.plane.values.shape,
    }
    assert shapes == {
        "profile": (128,),
        "dm_curve": (1196,),
        "subints": (32, 128),
        "subbands": (16, 128),
        "plane": (66, 66),
    }
    # Two of sixteen sub-bands, the highest, see nothing.
    assert panels.subbands.values.any(axis=1).tolist() == [False] * 2 + [True] * 14
    assert (panels.dm.x == search.trial_dms().round(4)).all()
    assert panels.dm.x[panels.dm.y.argmax()] == pytest.approx(70, abs=8)


def test_phcx_says_what_was_found(tmp_path, made):
    header = saved(tmp_path, made.to_phcx()).header
    found = made.seen.found
    assert header.period_s == pytest.approx(SOURCE.period_s, rel=1e-5)
    assert header.dm == pytest.approx(SOURCE.dm, abs=5)
    assert (header.dm, header.snr, header.width) == pytest.approx(
        (found.dm, found.snr, found.width), abs=1e-6
    )
    assert header.snr == pytest.approx(SOURCE.snr, rel=0.15)
    place = made.place
    assert (header.ra_deg, header.dec_deg, header.mjd) == (
        place.ra_deg,
        place.dec_deg,
        place.mjd,
    )
    assert (header.tobs_s, header.centre_mhz, header.bandwidth_mhz) == (560, 1382, -400)


def test_pfd_reads_back_as_what_was_observed(tmp_path, made):
    read = saved(tmp_path, made.to_pfd())
    header, panels = read.header, read.panels()
    assert header.period_s == pytest.approx(SOURCE.period_s, rel=2e-5)
    assert header.dm == pytest.approx(made.seen.found.dm)
    assert header.ra_deg == pytest.approx(made.place.ra_deg, abs=1e-6)
    assert header.dec_deg == pytest.approx(made.place.dec_deg, abs=1e-6)
    # A pulse of S/N s adds s^2 to the chi-square, of n - 1 degrees of freedom.
    expected = 1 + SOURCE.snr**2 / 127
    assert panels.reduced_chi2 == pytest.approx(expected, rel=0.2)
    assert panels.dm.x[panels.dm.y.argmax()] == pytest.approx(header.dm, abs=8)


def test_noise_has_a_chi_square_of_one_at_any_length_of_a_sample(tmp_path):
    for sample_s in (64e-6, 150e-6):
        receiver = Receiver(sample_s=sample_s)
        found = []
        for seed in range(4):
            noise = simulate("noise", seed=seed, receiver=receiver)
            read = saved(tmp_path, noise.to_pfd())
            found.append(read.panels().reduced_chi2)
        # The best of a search: a little above one.
        assert 0.9 < np.mean(found) < 1.6


def test_pfd_follows_the_layout_byte_by_byte(made):
    data = made.to_pfd()
    seen = made.seen
    sizes = struct.unpack_from("<12i", data)
    assert sizes == (257, 257, 257, 32, 32, 128, 1024, 1, 2, 1, 1, 1)
    at, texts = 48, []
    for _ in range(4):
        (length,) = struct.unpack_from("<i", data, at)
        texts.append(data[at + 4 : at + 4 + length].decode())
        at += 4 + length
    assert texts == [
        "simulated-pulsar-5.fil",
        "simulated-pulsar-5",
        "Parkes (simulated)",
        "simulated-pulsar-5.pfd.ps/CPS",
    ]
    hours, degrees = (
        data[at + i : at + i + 16].rstrip(b"\0").decode() for i in (0, 16)
    )
    assert [len(part) for part in hours.split(":")] == [2, 2, 7]
    assert [len(part) for part in degrees.split(":")] == [3, 2, 7]
    at += 32
    numbers = struct.unpack_from("<9d", data, at)
    dt, start, end, epoch, barycentric, velocity, low, channel, dm = numbers
    assert (dt, start, end, epoch) == (64e-6, 0, 1, made.place.mjd)
    assert (barycentric, velocity) == (0, 0)
    assert (low, channel) == (1382 - 200 + 400 / 2048, 400 / 1024)
    assert dm == seen.found.dm
    at += 72
    topo, bary, fold = (
        struct.unpack_from("<f4x3d", data, at + 32 * i) for i in range(3)
    )
    assert topo[0] == 0
    assert topo[1] == pytest.approx(0.25, rel=2e-5)
    assert bary == (0, 0, 0, 0)
    assert fold == (0, 1 / seen.period_s, 0, 0)
    at += 96
    assert struct.unpack_from("<7d", data, at) == (0,) * 7
    at += 56
    dms, periods, pdots = (
        np.frombuffer(data, "<f8", 257, at + 8 * 257 * i) for i in range(3)
    )
    assert dms[128] == pytest.approx(max(dm, dms[128] - dms[0]))
    assert dms[0] >= 0
    assert periods[128] == pytest.approx(seen.period_s)
    assert pdots[128] == 0
    for axis, direction in ((dms, 1), (periods, -1), (pdots, -1)):
        assert (np.sign(np.diff(axis)) == direction).all()
    at += 3 * 8 * 257
    n = 32 * 32 * 128
    profiles = np.frombuffer(data, "<f8", n, at).reshape(32, 32, 128)
    at += 8 * n
    stats = np.frombuffer(data, "<f8", 32 * 32 * 7, at).reshape(32, 32, 7)
    assert at + 8 * 32 * 32 * 7 == len(data)
    numdata, mean, variance, numprof, prof_mean, prof_var, redchi = stats[:, :28].T
    assert (numdata == 560 / 32 // 64e-6).all()
    assert (numprof == 128).all()
    np.testing.assert_allclose(prof_mean, mean * numdata / numprof)
    np.testing.assert_allclose(prof_var, variance * numdata / numprof)
    alive = profiles[:, :28]
    np.testing.assert_allclose(alive.mean(axis=2), prof_mean.T)
    chi2 = ((alive - prof_mean.T[..., None]) ** 2).sum(axis=2) / prof_var.T / 127
    np.testing.assert_allclose(chi2, redchi.T)
    assert not profiles[:, 28:].any()


def test_the_sub_bands_of_a_pfd_are_late_by_dispersion():
    bright = replace(SOURCE, snr=5000)
    data = simulate("pulsar", seed=5, source=bright).to_pfd()
    n = 32 * 32 * 128
    end = len(data) - 8 * 32 * 32 * 7
    profiles = np.frombuffer(data, "<f8", n, end - 8 * n).reshape(32, 32, 128)
    band = profiles.sum(axis=0)[:28]
    width = 400 / 32
    tops = 1382 - 200 + 400 / 2048 + width * np.arange(1, 33) - 400 / 1024
    delays = 70 / 0.000241 * (tops**-2.0 - tops[-1] ** -2.0)
    bins = (delays[:28] / 0.25 * 128) % 128
    shape = np.fft.rfft(band, axis=1)[:, 1]
    phases = (-np.angle(shape) / (2 * np.pi) * 128) % 128
    off = (phases - bins - (phases[-1] - bins[-1]) + 64) % 128 - 64
    assert np.abs(off).max() < 0.5
    assert bins.max() - bins.min() > 40
