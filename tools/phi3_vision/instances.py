"""One loaded Phi-3 Vision for all users of a process: 8 GB are not loaded twice."""

from __future__ import annotations

from threading import Lock
from weakref import WeakValueDictionary

from tools.models.hub import Device
from tools.phi3_vision.checkpoint import model_folder
from tools.phi3_vision.inference import Dtype, Phi3Vision, load_phi3_vision

# The only global of the models: its users need not know of each other. Weak, so that the weights
# are freed with their last user.
_LOADED: WeakValueDictionary[tuple[str, Device, Dtype], Phi3Vision] = WeakValueDictionary()
_LOADING = Lock()


def shared_phi3_vision(
    folder_or_name: str, *, device: Device = "auto", dtype: Dtype = "auto"
) -> Phi3Vision:
    """The model of this folder or hub name: the loaded one if it is in use, else loaded now.

    Threads take turns in it, pass by pass. Raises what `load_phi3_vision` raises.
    """
    with _LOADING:
        folder = str(model_folder(folder_or_name).resolve())
        model = _LOADED.get((folder, device, dtype))
        if model is None:
            model = load_phi3_vision(folder_or_name, device=device, dtype=dtype)
            _LOADED[folder, device, dtype] = model
        return model
