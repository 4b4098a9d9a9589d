package main

import (
	"cmp"
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation/field"
	genericregistry "k8s.io/apiserver/pkg/registry/generic/registry"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/storage"
	storeerr "k8s.io/apiserver/pkg/storage/errors"
	"k8s.io/apiserver/pkg/util/dryrun"
)

// podStrategy leaves a deleted pod on its node until the kubelet has stopped it and deletes it with no grace.
type podStrategy struct{ strategy }

func (podStrategy) CheckGracefulDelete(_ context.Context, o runtime.Object, options *metav1.DeleteOptions) bool {
	pod, grace := o.(*corev1.Pod), int64(0)
	runs := pod.Spec.NodeName != "" && pod.Status.Phase != corev1.PodSucceeded && pod.Status.Phase != corev1.PodFailed
	if asked := cmp.Or(options.GracePeriodSeconds, pod.Spec.TerminationGracePeriodSeconds); asked != nil && runs {
		grace = *asked
	}
	options.GracePeriodSeconds = &grace
	return true
}

// bindingResource is where a scheduler assigns a pod to a node.
type bindingResource struct{ pods *genericregistry.Store }

func (r bindingResource) New() runtime.Object { return &corev1.Binding{} }
func (r bindingResource) Destroy()            {} // the store is the pods'

// PreserveRequestObjectMetaSystemFieldsOnSubresourceCreate keeps the UID of the pod that is meant.
func (r bindingResource) PreserveRequestObjectMetaSystemFieldsOnSubresourceCreate() bool { return true }

func (r bindingResource) Create(ctx context.Context, name string, o runtime.Object,
	validate rest.ValidateObjectFunc, options *metav1.CreateOptions) (runtime.Object, error) {
	binding := o.(*corev1.Binding)
	if validate != nil {
		if err := validate(ctx, binding.DeepCopy()); err != nil {
			return nil, err
		}
	}
	key, err := r.pods.KeyFunc(ctx, name)
	if err != nil {
		return nil, err
	}
	refuse := func(why string, args ...any) (runtime.Object, error) {
		return nil, apierrors.NewConflict(corev1.Resource("pods/binding"), name, fmt.Errorf(why, args...))
	}
	precondition := &storage.Preconditions{}
	if binding.UID != "" {
		precondition.UID = &binding.UID
	}
	assign := storage.SimpleUpdate(func(o runtime.Object) (runtime.Object, error) {
		pod := o.(*corev1.Pod)
		if pod.DeletionTimestamp != nil {
			return refuse("pod %s is being deleted, cannot be assigned to a host", name)
		}
		if pod.Spec.NodeName != "" {
			return refuse("pod %s is already assigned to node %q", name, pod.Spec.NodeName)
		}
		pod.Spec.NodeName = binding.Target.Name
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{
			Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: metav1.Now()})
		return pod, nil
	})
	dry := dryrun.IsDryRun(options.DryRun)
	if err := r.pods.Storage.GuaranteedUpdate(ctx, key, &corev1.Pod{}, false, precondition, assign, dry, nil); err != nil {
		return nil, storeerr.InterpretUpdateError(err, corev1.Resource("pods"), name)
	}
	return &metav1.Status{Status: metav1.StatusSuccess}, nil
}

// validatePods checks a pod, or the pod template of a workload against its selector.
func (s strategy) validatePods(o runtime.Object) (errs field.ErrorList) {
	at, template := podTemplate(o)
	if template == nil {
		return nil
	}
	errs = validatePodSpec(at, template.Spec, claimed(o))
	if s.gv == apps {
		selector := part(o, "Spec").FieldByName("Selector").Interface().(*metav1.LabelSelector)
		if matches, err := metav1.LabelSelectorAsSelector(selector); selector == nil || err != nil || matches.Empty() {
			errs = append(errs, field.Required(field.NewPath("spec", "selector"), ""))
		} else if !matches.Matches(labels.Set(template.Labels)) {
			errs = append(errs, field.Invalid(field.NewPath("spec", "template", "metadata", "labels"), template.Labels,
				"`selector` does not match template `labels`"))
		}
	}
	return errs
}

// claimed are the volumes a StatefulSet adds to its pods.
func claimed(o runtime.Object) sets.Set[string] {
	names := sets.New[string]()
	if set, ok := o.(*appsv1.StatefulSet); ok {
		for _, claim := range set.Spec.VolumeClaimTemplates {
			names.Insert(claim.Name)
		}
	}
	return names
}

func validatePodSpec(at *field.Path, spec corev1.PodSpec, volumes sets.Set[string]) (errs field.ErrorList) {
	unique(&errs, at.Child("volumes"), "name", spec.Volumes, sets.New[string](),
		func(v corev1.Volume) string { return v.Name })
	for _, v := range spec.Volumes {
		volumes.Insert(v.Name)
	}
	if len(spec.Containers) == 0 {
		errs = append(errs, field.Required(at.Child("containers"), ""))
	}
	names := sets.New[string]() // the two lists share one space of names
	for _, list := range []struct {
		field      string
		containers []corev1.Container
	}{{"containers", spec.Containers}, {"initContainers", spec.InitContainers}} {
		at := at.Child(list.field)
		unique(&errs, at, "name", list.containers, names, func(c corev1.Container) string { return c.Name })
		for i, c := range list.containers {
			errs = append(errs, validateContainer(at.Index(i), c, list.field == "initContainers", volumes)...)
		}
	}
	return errs
}

func validateContainer(at *field.Path, c corev1.Container, init bool, volumes sets.Set[string]) (errs field.ErrorList) {
	if c.Image == "" {
		errs = append(errs, field.Required(at.Child("image"), ""))
	}
	unique(&errs, at.Child("volumeMounts"), "mountPath", c.VolumeMounts, sets.New[string](),
		func(m corev1.VolumeMount) string { return m.MountPath })
	for i, mount := range c.VolumeMounts {
		if !volumes.Has(mount.Name) {
			errs = append(errs, field.NotFound(at.Child("volumeMounts").Index(i).Child("name"), mount.Name))
		}
	}
	// As up to Kubernetes 1.34; later ones know more restart policies, which an operator cannot count on.
	always := corev1.ContainerRestartPolicyAlways
	if policy := at.Child("restartPolicy"); c.RestartPolicy != nil && !init {
		errs = append(errs, field.Forbidden(policy, "may not be set for non-init containers"))
	} else if c.RestartPolicy != nil && *c.RestartPolicy != always {
		errs = append(errs, field.NotSupported(policy, *c.RestartPolicy, []corev1.ContainerRestartPolicy{always}))
	}
	if init && c.RestartPolicy == nil { // runs to its end before the others start, so there is nothing to watch over
		for name, set := range map[string]bool{"lifecycle": c.Lifecycle != nil, "livenessProbe": c.LivenessProbe != nil,
			"readinessProbe": c.ReadinessProbe != nil, "startupProbe": c.StartupProbe != nil} {
			if set {
				errs = append(errs, field.Forbidden(at.Child(name),
					"may not be set for init containers without restartPolicy=Always"))
			}
		}
	}
	return errs
}

// validatePodUpdate lets images change and little else; a node is assigned by binding.
func validatePodUpdate(now, before corev1.PodSpec) field.ErrorList {
	allowed := before.DeepCopy()
	takeImages := func(to, from []corev1.Container) {
		for i := range min(len(to), len(from)) {
			to[i].Image = from[i].Image
		}
	}
	takeImages(allowed.Containers, now.Containers)
	takeImages(allowed.InitContainers, now.InitContainers)
	allowed.ActiveDeadlineSeconds, allowed.Tolerations = now.ActiveDeadlineSeconds, now.Tolerations
	if apiequality.Semantic.DeepEqual(*allowed, now) {
		return nil
	}
	return field.ErrorList{field.Forbidden(field.NewPath("spec"), "pod updates may not change fields other than "+
		"`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations`")}
}

// unique requires every item to have a value, and no two items the same.
func unique[T any](errs *field.ErrorList, at *field.Path, name string, items []T, seen sets.Set[string],
	value func(T) string) {
	for i, item := range items {
		switch v := value(item); {
		case v == "":
			*errs = append(*errs, field.Required(at.Index(i).Child(name), ""))
		case seen.Has(v):
			*errs = append(*errs, field.Duplicate(at.Index(i).Child(name), v))
		default:
			seen.Insert(v)
		}
	}
}

// podTemplate of a pod or a workload with the path of its spec, or nil.
func podTemplate(o runtime.Object) (*field.Path, *corev1.PodTemplateSpec) {
	at := field.NewPath("spec", "template", "spec")
	switch o := o.(type) {
	case *corev1.Pod:
		return field.NewPath("spec"), &corev1.PodTemplateSpec{ObjectMeta: o.ObjectMeta, Spec: o.Spec}
	case *appsv1.Deployment:
		return at, &o.Spec.Template
	case *appsv1.ReplicaSet:
		return at, &o.Spec.Template
	case *appsv1.StatefulSet:
		return at, &o.Spec.Template
	case *appsv1.DaemonSet:
		return at, &o.Spec.Template
	case *batchv1.Job:
		return at, &o.Spec.Template
	case *batchv1.CronJob:
		return field.NewPath("spec", "jobTemplate", "spec", "template", "spec"), &o.Spec.JobTemplate.Spec.Template
	}
	return nil, nil
}
