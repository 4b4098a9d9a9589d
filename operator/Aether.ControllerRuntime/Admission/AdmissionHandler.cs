namespace Aether.ControllerRuntime.Admission;

/// <summary>Decides on an admission request. An exception lets the webhook's failurePolicy decide.</summary>
public delegate Task<AdmissionResult> AdmissionHandler(
    AdmissionRequest request, CancellationToken cancellationToken);
